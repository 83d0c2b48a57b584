import { LabelProvider, type FoundLabels, type Reader } from '#authz';
import { namespaceOf } from './secret-path.ts';
import type { SecretRecords } from './secret-records.ts';

/** What secrets are labelled with, for the gate to decide on: also those that are deleted, since a restore brings them back. */
export class SecretLabels extends LabelProvider {
  readonly #records: SecretRecords;

  constructor(records: SecretRecords) {
    super();
    this.#records = records;
  }

  /** @throws KeysError `integrity_failed` */
  async find(reader: Reader, path: string): Promise<FoundLabels> {
    const { keyring } = this.#records;
    const namespace = namespaceOf(path);
    const head = await this.#records.find(reader, path);
    const keys = keyring.namespace(namespace);
    // Where there is no namespace, there is no index that the secret could lie under: that there is none is what the decision rests on.
    const place = keys
      ? ({ kind: 'secret', key: keys.indexOf(path) } as const)
      : ({ kind: 'namespace', key: keyring.recordIndex('namespace', namespace) } as const);
    return { labels: head?.labels, expects: { ...place, rev: head?.rev ?? 0 } };
  }
}
