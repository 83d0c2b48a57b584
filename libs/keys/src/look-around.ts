import { type Action, AuthzError, type Gate, type RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Vault } from './vault.ts';

/** What anybody may look at, also while the server is sealed: the gate counts such a look and enters it once the log is open. */
export class LookAround {
  readonly #vault: Vault;
  readonly #gate: Gate;

  constructor(vault: Vault, gate: Gate) {
    this.#vault = vault;
    this.#gate = gate;
  }

  /** `GET /system/status`. @throws AuthzError as the gate does, but for `sealed` */
  async status(caller: Principal, request: RequestContext): Promise<{ readonly sealed: boolean }> {
    await this.#look('system:status', caller, request);
    return { sealed: this.#vault.state() !== 'unsealed' };
  }

  /** `GET /openapi.json` and its page, which the contract holds. @throws AuthzError as the gate does, but for `sealed` */
  async description(caller: Principal, request: RequestContext): Promise<void> {
    await this.#look('system:describe', caller, request);
  }

  async #look(action: Action, caller: Principal, request: RequestContext): Promise<void> {
    try {
      await this.#gate.perform({ caller, action, resource: 'server', request }, () => Promise.resolve({ answer: undefined }));
    } catch (error) {
      if (!(error instanceof AuthzError) || error.code !== 'sealed') throw error;
    }
  }
}
