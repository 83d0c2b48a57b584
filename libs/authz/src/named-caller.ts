import { ANONYMOUS, type Principal } from '#identity';
import { isBinding } from './resource-grammar.ts';

/**
 * Somebody as people name them, `spiffe://…`, `operator:NAME` or `anonymous`, as the engine knows them: come with a certificate, a session
 * or nothing. Undefined for what names nobody, and for a pattern or a group, which are many.
 */
export function callerNamed(text: string): Principal | undefined {
  if (text === ANONYMOUS.id) return ANONYMOUS;
  if (text.includes('*') || !isBinding(text)) return undefined;
  if (text.startsWith('spiffe://')) return { kind: 'workload', id: text, method: 'certificate', credential: '' };
  return text.startsWith('operator:')
    ? { kind: 'operator', id: text.slice('operator:'.length), method: 'session', credential: '' }
    : undefined;
}

/** How a role is bound to a caller; undefined for those whom none can be bound to. */
export function bindingOf({ kind, id, method }: Pick<Principal, 'kind' | 'id' | 'method'>): string | undefined {
  if (kind === 'operator') return method === 'token' ? undefined : `operator:${id}`;
  return kind === 'workload' ? id : undefined;
}
