import type { Action, Ask, Gate, Labels, RequestContext } from '#authz';
import type { Principal } from '#identity';
import { SecretsError } from './errors.ts';
import { parsePath } from './secret-path.ts';

/** Who asks what, before it is known of which secret. */
export interface Asking {
  readonly caller: Principal;
  readonly request: RequestContext;
  readonly action: Action;
  readonly version?: number;
  readonly newLabels?: Labels;
}

/**
 * The ask for one path. What is no path can't be decided on: it leaves its entry as a refusal, and rejects with SecretsError
 * `invalid_path`. It is on every read's way, and makes no promise of what it knows.
 */
export function askFor(
  gate: Gate,
  { caller, action, version, newLabels, request }: Asking,
  path: string,
  parse = parsePath,
): Ask | Promise<never> {
  try {
    return { caller, action, resource: parse(path), version, newLabels, request };
  } catch (error) {
    return refuse(gate, { caller, action, version, request }, error);
  }
}

async function refuse(gate: Gate, asking: Asking, error: unknown): Promise<never> {
  if (error instanceof SecretsError) await gate.refuse({ ...asking, code: error.code });
  throw error;
}
