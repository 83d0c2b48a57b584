import type { Principal } from '#identity';

/** A workload as its certificate names it. */
export function workload(id: string): Principal {
  return { kind: 'workload', id, method: 'certificate', credential: `sha256:${'0'.repeat(64)}` };
}

/** An operator who signed in. */
export function operator(name: string): Principal {
  return { kind: 'operator', id: name, method: 'session', credential: 'session-1' };
}
