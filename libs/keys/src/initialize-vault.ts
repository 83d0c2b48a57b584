import type { Gate, RequestContext } from '#authz';
import { constantTimeEqual, sha256 } from '#crypto';
import { ANONYMOUS, newToken } from '#identity';
import type { AuthorityBootstrap } from './authority-bootstrap.ts';
import type { BootstrapTokenStore } from './bootstrap-token-store.ts';
import { KeysError } from './errors.ts';
import { type KeyFile, secretOfFile } from './key-file.ts';
import type { NewKeyring } from './keyring-rows.ts';
import type { SealedAttempts } from './sealed-attempts.ts';
import type { SlotSecret } from './slot-secret.ts';
import type { Vault } from './vault.ts';

/** A slot to be made. The key of a `file` slot is in the file that the settings name. */
export type SlotRequest = { readonly kind: 'passphrase'; readonly passphrase: string } | { readonly kind: 'file' };

/** What `init` is asked with. */
export interface InitializeRequest {
  readonly bootstrapToken: string;
  readonly slots: readonly SlotRequest[];
}

/** What initialization hands out, once. */
export interface Initialized {
  /** Of the root key. */
  readonly fingerprint: string;
  /** What checkpoints of the log verify with (C2SP signed-note). */
  readonly logVerifierKey: string;
  /** The server's own CA, PEM. */
  readonly trustBundle: string;
  /** With this the first operator sets a password. */
  readonly operatorToken: string;
}

/** What is at hand before there is anything else. */
export interface Beginnings {
  readonly tokens: BootstrapTokenStore;
  readonly keyFile: KeyFile;
  readonly authority: AuthorityBootstrap;
}

/** `POST /system/init`: once, for whoever can read the bootstrap token's file. It leaves the server sealed. */
export class InitializeVault {
  readonly #vault: Vault;
  readonly #gate: Gate;
  readonly #attempts: SealedAttempts;
  readonly #beginnings: Beginnings;

  constructor(vault: Vault, gate: Gate, attempts: SealedAttempts, beginnings: Beginnings) {
    this.#vault = vault;
    this.#gate = gate;
    this.#attempts = attempts;
    this.#beginnings = beginnings;
  }

  /** At the start of the server: has a token ready while it is uninitialized, and none after. */
  async prepareToken(): Promise<void> {
    const { tokens } = this.#beginnings;
    if (this.#vault.state() !== 'uninitialized') await tokens.remove();
    else if ((await tokens.read()) === undefined) await tokens.write(newToken('bootstrap'));
  }

  /** @throws KeysError `bootstrap_refused`, `already_initialized`, `unknown_slot`, `too_many_requests`, `wrong_key` for a key file that is none */
  async perform({ bootstrapToken, slots }: InitializeRequest, request: RequestContext): Promise<Initialized> {
    const ask = askOf(request);
    const late = new KeysError('already_initialized');
    if (this.#vault.state() === 'unsealed') return this.#gate.perform(ask, () => Promise.reject(late));
    try {
      this.#attempts.begin(ask);
      if (this.#vault.state() === 'sealed') throw late;
      await this.#checkToken(bootstrapToken);
      const plan = { trustDomain: this.#beginnings.authority.trustDomain, slots: await this.#secretsOf(slots) };
      const answer = await this.#vault.initialize(plan, (made) => this.#record(made, request));
      // The answer is never given again. A token that is left is good for nothing, and goes at the next start.
      await this.#beginnings.tokens.remove().catch(() => undefined);
      this.#attempts.succeeded(ask);
      return answer;
    } catch (error) {
      await this.#attempts.failed(ask, error);
      throw error;
    }
  }

  async #record({ keyring, writes }: NewKeyring, request: RequestContext): Promise<Initialized> {
    const { writes: first, operatorToken } = await this.#beginnings.authority.prepare(keyring);
    const { fingerprint, log, issuing } = keyring;
    const answer = { fingerprint, logVerifierKey: log.signer.verifierKey, trustBundle: issuing.certificatePem, operatorToken };
    return this.#gate.perform(askOf(request), () => Promise.resolve({ writes: [...writes, ...first], answer }));
  }

  async #checkToken(given: string): Promise<void> {
    const token = await this.#beginnings.tokens.read();
    const known = token !== undefined && constantTimeEqual(sha256(Buffer.from(token)), sha256(Buffer.from(given)));
    if (!known) throw new KeysError('bootstrap_refused');
  }

  async #secretsOf(slots: readonly SlotRequest[]): Promise<SlotSecret[]> {
    const secrets: SlotSecret[] = [];
    for (const slot of slots) secrets.push(slot.kind === 'file' ? await secretOfFile(this.#beginnings.keyFile) : slot);
    return secrets;
  }
}

function askOf(request: RequestContext) {
  return { caller: ANONYMOUS, action: 'system:init', resource: 'server', request } as const;
}
