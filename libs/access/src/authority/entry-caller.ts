import type { EntryCaller } from '#audit';
import { ANONYMOUS, type Principal } from '#identity';

/** A caller as the log has it: who it was, and by what it came, without the credential. */
export function callerOf({ kind, id, method }: EntryCaller): Principal {
  if (kind === 'workload') return { kind, id, method: 'certificate', credential: '' };
  if (kind === 'operator') return { kind, id, method: isKnown(method) ? method : 'session', credential: '' };
  return ANONYMOUS;
}

function isKnown(method: string): method is 'token' | 'oidc' | 'certificate' {
  return method === 'token' || method === 'oidc' || method === 'certificate';
}
