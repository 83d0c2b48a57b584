import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Vault } from './vault.ts';

/** `POST /system/seal`. Its entry is the last one before the log closes. */
export class SealVault {
  readonly #vault: Vault;
  readonly #gate: Gate;

  constructor(vault: Vault, gate: Gate) {
    this.#vault = vault;
    this.#gate = gate;
  }

  /** @throws AuthzError `denied`; KeysError `sealed` when somebody else was faster */
  async perform(caller: Principal, request: RequestContext): Promise<void> {
    const ask = { caller, action: 'system:seal', resource: 'server', request } as const;
    await this.#gate.perform(ask, () => Promise.resolve({ answer: undefined }));
    await this.#vault.seal();
  }
}
