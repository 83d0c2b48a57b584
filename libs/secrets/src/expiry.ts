import { SecretsError } from './errors.ts';

/** A moment still to come, in UTC. @throws SecretsError `invalid_data` */
export function parseExpiry(text: string, now: Date): string {
  const moment = Date.parse(text);
  if (Number.isNaN(moment) || moment <= now.getTime()) throw new SecretsError('invalid_data', 'expiresAt is not a time to come');
  return new Date(moment).toISOString();
}
