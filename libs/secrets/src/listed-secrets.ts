import { SecretInventory, type InventoryPage, type InventoryQuery, type Reader } from '#authz';
import { KeysError } from '#keys';
import { SecretsError } from './errors.ts';
import { HeadWalk } from './head-walk.ts';
import { isThere } from './secret-head.ts';
import type { SecretRecords } from './secret-records.ts';

/** What a sealed position is bound to: no cursor of a list goes on here. */
const BINDING = 'secret-inventory';

/** The secrets that a caller may list, in the order of their blind index, page by page. */
export class ListedSecrets extends SecretInventory {
  readonly #records: SecretRecords;

  constructor(records: SecretRecords) {
    super();
    this.#records = records;
  }

  /** @throws SecretsError `invalid_cursor`; KeysError `integrity_failed` */
  async page(reader: Reader, { may, below, cursor, most }: InventoryQuery): Promise<InventoryPage> {
    const after = cursor === undefined ? '' : this.#open(cursor);
    const walk = new HeadWalk(this.#records, { reader, action: 'secret:list', may, below, prefix: '', after, budget: most });
    const secrets: { path: string; labels: Readonly<Record<string, string>> }[] = [];
    for await (const head of walk.heads()) if (isThere(head)) secrets.push({ path: head.path, labels: head.labels });
    return walk.ended ? { secrets } : { secrets, next: this.#records.keyring.sealCursor(BINDING, walk.position) };
  }

  #open(cursor: string): string {
    try {
      return this.#records.keyring.openCursor(BINDING, cursor);
    } catch (error) {
      if (error instanceof KeysError && error.code === 'integrity_failed') throw new SecretsError('invalid_cursor');
      throw error;
    }
  }
}
