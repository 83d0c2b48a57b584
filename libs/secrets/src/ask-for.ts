import type { Action, Ask, Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import { SecretsError } from './errors.ts';
import { parsePath } from './secret-path.ts';

/** Who asks what, before it is known of which secret. */
export interface Asking {
  readonly caller: Principal;
  readonly request: RequestContext;
  readonly action: Action;
  readonly version?: number;
}

/** The ask for one path. What is no path can't be decided on: it leaves its entry as a refusal. @throws SecretsError `invalid_path` */
export async function askFor(gate: Gate, asking: Asking, path: string, parse = parsePath): Promise<Ask> {
  try {
    return { ...asking, resource: parse(path) };
  } catch (error) {
    if (error instanceof SecretsError) await gate.refuse({ ...asking, code: error.code });
    throw error;
  }
}
