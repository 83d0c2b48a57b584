import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import { KeysError } from './errors.ts';
import { type KeyFile, secretOfFile } from './key-file.ts';
import type { SealedAttempts } from './sealed-attempts.ts';
import { readKeyFile, type SlotSecret } from './slot-secret.ts';
import type { Vault } from './vault.ts';

/** What opens a slot, as it is sent: the kind of slot, and a passphrase or a key in base64; without a key, the settings' file. */
export type UnsealRequest = { readonly slot: 'passphrase'; readonly passphrase: string } | { readonly slot: 'file'; readonly key?: string };

/** `POST /system/unseal`, and what the server does by itself when the settings name a key file. */
export class UnsealVault {
  readonly #vault: Vault;
  readonly #gate: Gate;
  readonly #attempts: SealedAttempts;
  readonly #keyFile: KeyFile;

  constructor(vault: Vault, gate: Gate, attempts: SealedAttempts, keyFile: KeyFile) {
    this.#vault = vault;
    this.#gate = gate;
    this.#attempts = attempts;
    this.#keyFile = keyFile;
  }

  /**
   * Unseals for whoever holds a slot's secret: anonymous, or the server itself. A failure is durable in the journal before it is
   * answered, and enters the log with the next unsealing.
   *
   * @throws as `Vault.unseal`; KeysError `too_many_requests` whatever the secret, while the address has to wait
   */
  async perform(input: UnsealRequest, caller: Principal, request: RequestContext): Promise<void> {
    const ask = { caller, action: 'system:unseal', resource: 'server', request } as const;
    if (this.#vault.state() === 'unsealed') return this.#gate.perform(ask, () => Promise.reject(new KeysError('already_unsealed')));
    try {
      this.#attempts.begin(ask);
      await this.#vault.unseal(await this.#secretOf(input), async () => {
        await this.#attempts.enter();
        await this.#gate.perform(ask, () => Promise.resolve({ answer: undefined }));
      });
      this.#attempts.succeeded(ask);
    } catch (error) {
      await this.#attempts.failed(ask, error);
      throw error;
    }
  }

  async #secretOf(input: UnsealRequest): Promise<SlotSecret> {
    if (input.slot === 'passphrase') return { kind: 'passphrase', passphrase: input.passphrase };
    if (input.key === undefined) return secretOfFile(this.#keyFile);
    return { kind: 'file', key: readKeyFile(Buffer.from(input.key)) };
  }
}
