import type { Gate, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { askFor } from './ask-for.ts';
import { SecretsError } from './errors.ts';
import { parseExpiry } from './expiry.ts';
import { checkRelabelling, parseLabels, type Labels } from './labels.ts';
import { planVersion, type WrittenSecret } from './new-version.ts';
import { parseData, type SecretData } from './secret-data.ts';
import { refuseReserved } from './secret-path.ts';
import type { SecretRecords } from './secret-records.ts';

/** A whole new version. */
export interface SecretInput extends SecretData {
  /** Replace all labels; the secret keeps its own when they are left out. They need `secret:label` too. */
  readonly labels?: Labels;
  /** The version that must be the newest one now; 0 when there must be no such secret. */
  readonly ifVersion?: number;
  /** RFC 3339; from this moment on the version can't be read. */
  readonly expiresAt?: string;
}

/** Writes a new version of a secret, the first one too. */
export class WriteSecret {
  readonly #gate: Gate;
  readonly #records: SecretRecords;
  readonly #clock: Clock;

  constructor(gate: Gate, records: SecretRecords, clock: Clock) {
    this.#gate = gate;
    this.#records = records;
    this.#clock = clock;
  }

  /**
   * @throws AuthzError `denied`; SecretsError `invalid_path`, `reserved_namespace`, `invalid_data`, `conflict` when `ifVersion` is
   *   not the newest version; KeysError `integrity_failed`
   */
  async perform(caller: Principal, request: RequestContext, path: string, input: SecretInput): Promise<WrittenSecret> {
    const ask = await askFor(this.#gate, { caller, request, action: 'secret:write', newLabels: input.labels }, path);
    return this.#gate.perform(ask, async (reader, may) => {
      const now = this.#clock.now();
      const before = await this.#records.find(reader, path);
      if (input.labels) checkRelabelling(may, path, before?.labels, input.labels);
      refuseReserved(path);
      const data = parseData(input);
      const labels = input.labels && parseLabels(input.labels);
      const expiresAt = input.expiresAt === undefined ? undefined : parseExpiry(input.expiresAt, now);
      if (input.ifVersion !== undefined && input.ifVersion !== (before?.current ?? 0)) throw new SecretsError('conflict');
      return planVersion(this.#records, before, { path, data, labels: labels ?? before?.labels ?? {}, expiresAt, caller, now });
    });
  }
}
