import { AccessError } from '../errors.ts';

const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** @throws AccessError `invalid_name` */
export function checkProviderName(name: string): void {
  if (!NAME.test(name)) throw new AccessError('invalid_name', 'a provider: a letter and up to 31 of a-z, 0-9 and -');
}

/** A provider as rules and entries write it; what can't be a name is not written into the log. */
export function providerResource(name: string): string {
  return NAME.test(name) ? `provider:${name}` : 'provider:?';
}
