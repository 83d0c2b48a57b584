import { type Gate, type Plan, type Reader, type RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { askFor } from './ask-for.ts';
import { SecretsError } from './errors.ts';
import { parseExpiry } from './expiry.ts';
import { checkRelabelling, parseLabels } from './labels.ts';
import { mergePatch } from './merge-patch.ts';
import { planVersion, type WrittenSecret } from './new-version.ts';
import { decodeData, parseData, type SecretData } from './secret-data.ts';
import { readableVersion, withVersions, type SecretVersion } from './secret-head.ts';
import type { SecretRecords, StoredHead } from './secret-records.ts';

/** What to change; what is left out stays. `null` removes a field, a label or the expiry. */
export interface SecretPatch {
  readonly data?: Readonly<Record<string, string | null>>;
  /** Those of the fields in `data` that are base64. */
  readonly binary?: readonly string[];
  /** They need `secret:label` too. */
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly ifVersion?: number;
  readonly expiresAt?: string | null;
}

/** Changes some fields or labels of a secret (RFC 7396). Only a change of fields makes a new version. */
export class PatchSecret {
  readonly #gate: Gate;
  readonly #records: SecretRecords;
  readonly #clock: Clock;

  constructor(gate: Gate, records: SecretRecords, clock: Clock) {
    this.#gate = gate;
    this.#records = records;
    this.#clock = clock;
  }

  /**
   * @throws AuthzError `denied`; SecretsError `invalid_path`, `invalid_data`, `not_found`, `version_unavailable` when there is nothing to
   *   merge with, `conflict`; KeysError `integrity_failed`
   */
  async perform(caller: Principal, request: RequestContext, path: string, patch: SecretPatch): Promise<WrittenSecret> {
    const ask = await askFor(this.#gate, { caller, request, action: 'secret:write' }, path);
    return this.#gate.perform(ask, async (reader, may) => {
      const before = await this.#records.find(reader, path);
      if (patch.labels) checkRelabelling(may, path, before?.labels, mergePatch(before?.labels ?? {}, patch.labels));
      if (before === undefined) throw new SecretsError('not_found');
      if (patch.ifVersion !== undefined && patch.ifVersion !== before.current) throw new SecretsError('conflict');
      return this.#plan(reader, before, patch, caller);
    });
  }

  async #plan(reader: Reader, before: StoredHead, patch: SecretPatch, caller: Principal): Promise<Plan<WrittenSecret>> {
    const now = this.#clock.now();
    const current = readableVersion(before, undefined, now);
    const labels = patch.labels ? parseLabels(mergePatch(before.labels, patch.labels)) : before.labels;
    const expiresAt = expiryAfter(current, patch, now);
    if (!patch.data && !patch.binary) return this.#planHead({ ...before, labels }, { ...current, expiresAt });
    const data = await this.#merged(reader, before, patch);
    return planVersion(this.#records, before, { path: before.path, data, labels, expiresAt, caller, now });
  }

  #planHead(head: StoredHead, current: SecretVersion): Plan<WrittenSecret> {
    const { path } = head;
    const { version, createdAt } = current;
    const write = this.#records.headWrite(head, withVersions(head, [current]));
    return { writes: [write], version, answer: { path, version, createdAt } };
  }

  async #merged(reader: Reader, { path, current }: StoredHead, { data = {}, binary = [] }: SecretPatch): Promise<SecretData> {
    const bytes = await this.#records.value(reader, path, current);
    const old = decodeData(bytes);
    bytes.fill(0);
    const kept = (old.binary ?? []).filter((name) => !Object.hasOwn(data, name) && !binary.includes(name));
    return parseData({ data: mergePatch(old.data, data), binary: [...kept, ...binary] });
  }
}

function expiryAfter(current: SecretVersion, { expiresAt }: SecretPatch, now: Date): string | undefined {
  if (expiresAt === undefined) return current.expiresAt;
  return expiresAt === null ? undefined : parseExpiry(expiresAt, now);
}
