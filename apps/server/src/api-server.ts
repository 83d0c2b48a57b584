import { readFileSync } from 'node:fs';
import type { ApiServer } from '#access';
import type { Settings } from '#settings';

/** A token and a bundle of CAs are a few thousand bytes each. */
const MOST_BYTES = 256 * 1024;

/** The Kubernetes API server of the settings, with its CA and this server's token as they are in their files now. */
export function apiServerOf({ server, caFile, tokenFile }: Settings['kubernetes']): ApiServer | undefined {
  if (server === undefined) return undefined;
  try {
    const [ca, token] = [readFileSync(caFile, 'utf8'), readFileSync(tokenFile, 'utf8').trim()];
    const fits = ca.length < MOST_BYTES && token.length < MOST_BYTES && /^[!-~]+$/.test(token) && ca.includes('BEGIN CERTIFICATE');
    return fits ? { url: server, ca, token } : undefined;
  } catch {
    return undefined;
  }
}
