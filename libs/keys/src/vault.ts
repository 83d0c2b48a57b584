import { SecretBytes } from '#crypto';
import type { Clock } from '#identity';
import { openDatabaseKey, wrapDatabaseKey } from './database-key.ts';
import { KeysError } from './errors.ts';
import { createKeyring, loadKeyring, type NewKeyring } from './keyring-rows.ts';
import { RootKey } from './root-key.ts';
import type { SlotFileStore } from './slot-file-store.ts';
import { formatSlotFile, isFinished, parseSlotFile, type SlotFile } from './slot-file.ts';
import type { SlotSecret } from './slot-secret.ts';
import { openSlotFile, sealSlots } from './slots.ts';
import { Turns } from './turns.ts';
import type { UnsealedPart } from './unsealed-part.ts';
import type { VaultDatabase } from './vault-database.ts';
import { VaultSession } from './vault-session.ts';

const KEY_BYTES = 32;
/** Steps that may be under way or wait when another comes that derives a key from what a stranger sent, with 64 MiB and 0.2 s each. */
const MOST_PENDING = 16;

/** `uninitialized` includes an initialization that was cut short: nothing of it was ever answered. */
export type VaultState = 'uninitialized' | 'sealed' | 'unsealed';

/** Who is told of the keys, in order: first what it takes to record anything; once the unsealing is recorded, what serves. */
export interface VaultParts {
  readonly records: readonly UnsealedPart[];
  readonly serves: readonly UnsealedPart[];
}

/** What a new server is made with. */
export interface NewVault {
  readonly trustDomain: string;
  /** At least one; any one of them opens the root key. */
  readonly slots: readonly SlotSecret[];
}

/**
 * The life of the seal: uninitialized, sealed, unsealed. One step at a time, whoever asks; a step that fails leaves the server
 * in the state it was in, with the database closed and the keys wiped.
 */
export class Vault {
  readonly #slots: SlotFileStore;
  readonly #database: VaultDatabase;
  readonly #parts: VaultParts;
  readonly #clock: Clock;
  #state: VaultState = 'uninitialized';
  readonly #session: VaultSession;
  readonly #turns = new Turns();

  constructor(slots: SlotFileStore, database: VaultDatabase, parts: VaultParts, clock: Clock) {
    this.#slots = slots;
    this.#database = database;
    this.#parts = parts;
    this.#clock = clock;
    this.#session = new VaultSession(database);
  }

  state(): VaultState {
    return this.#state;
  }

  /** Learns whether the server is initialized. To be called first, once. @throws KeysError `slot_file_damaged` */
  start(): Promise<void> {
    return this.#turns.take(async () => {
      const file = await this.#readSlotFile();
      if (!file && (await this.#database.exists())) throw new KeysError('slot_file_damaged', 'there is a database, but no slot file');
      if (isFinished(file)) this.#state = 'sealed';
    });
  }

  /**
   * Makes the keys, the slot file and the database, and ends sealed. `record` commits the rows of the keys and their entry.
   * The order makes it safe to be cut short anywhere:
   *
   * 1. The slot file, marked unfinished, is durable and each slot was seen to open: there is never a database without its key.
   * 2. The database holds its one commit.
   * 3. The slot file, finished, is durable. Only from here on is the server initialized, and only then does anyone get an answer.
   *
   * After a crash before 3 the next initialization begins anew, with an empty database.
   *
   * @throws KeysError `already_initialized`; `too_many_requests`; IdentityError for a trust domain that is none; what
   *   `record` throws
   */
  initialize<A>(plan: NewVault, record: (made: NewKeyring) => Promise<A>): Promise<A> {
    return this.#ifRoom(async () => {
      if (this.#state !== 'uninitialized') throw new KeysError('already_initialized');
      const root = RootKey.create();
      using databaseKey = SecretBytes.random(KEY_BYTES);
      try {
        const databaseKeys = [wrapDatabaseKey(root, '1', databaseKey)];
        const content = { generation: 1, databaseKeys, slots: await sealSlots(root, plan.slots) };
        const finished = formatSlotFile(root, { ...content, finished: true });
        await this.#slots.write(formatSlotFile(root, { ...content, finished: false }));
        await this.#proveSlots(plan.slots);
        const answer = await this.#fill(await createKeyring(plan.trustDomain, this.#clock, root), databaseKey, record);
        await this.#slots.write(finished);
        this.#state = 'sealed';
        return answer;
      } finally {
        root.wipe();
      }
    });
  }

  /**
   * Opens the root key with a slot's secret, then the database and the keyring, and tells the parts. `record` enters the
   * unsealing in the log before anything is served.
   *
   * @throws KeysError `already_unsealed`, `not_initialized`, `unknown_slot`, `wrong_key`, `slot_file_damaged`, `integrity_failed`,
   *   `too_many_requests`; what the database, a part or `record` throws
   */
  unseal(secret: SlotSecret, record: () => Promise<void>): Promise<void> {
    return this.#ifRoom(async () => {
      if (this.#state === 'unsealed') throw new KeysError('already_unsealed');
      const file = await this.#readSlotFile();
      if (!isFinished(file)) throw new KeysError('not_initialized');
      const root = await openSlotFile(file, secret);
      try {
        await this.#open(root, file, record);
      } catch (error) {
        await this.#abandon();
        root.wipe();
        throw error;
      }
    });
  }

  /** Closes what serves, then the log and the database, and wipes the keys. @throws KeysError `sealed` when it is already */
  seal(): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#state !== 'unsealed') throw new KeysError('sealed');
      this.#state = 'sealed';
      await this.#session.close();
    });
  }

  /** What strangers may ask for. Sealing is never refused: it is nobody's to delay. */
  #ifRoom<T>(work: () => Promise<T>): Promise<T> {
    if (this.#turns.pending >= MOST_PENDING) return Promise.reject(new KeysError('too_many_requests'));
    return this.#turns.take(work);
  }

  async #open(root: RootKey, file: SlotFile, record: () => Promise<void>): Promise<void> {
    if (!(await this.#database.exists())) throw new KeysError('integrity_failed', 'the database is missing');
    using databaseKey = openDatabaseKey(root, file);
    const reader = await this.#session.openDatabase(databaseKey);
    const keyring = await loadKeyring(root, reader);
    await this.#session.tell(this.#parts.records, keyring, reader);
    await record();
    this.#state = 'unsealed';
    await this.#session.tell(this.#parts.serves, keyring, reader);
  }

  /** Everything in the new database comes in one commit, `record`'s. */
  async #fill<A>(made: NewKeyring, databaseKey: SecretBytes, record: (made: NewKeyring) => Promise<A>): Promise<A> {
    try {
      await this.#database.discard();
      const reader = await this.#session.openDatabase(databaseKey);
      await this.#session.tell(this.#parts.records, made.keyring, reader);
      return await record(made);
    } finally {
      await this.#abandon();
    }
  }

  /** What is on the disk, not what was meant to be written there. */
  async #proveSlots(secrets: readonly SlotSecret[]): Promise<void> {
    const file = await this.#readSlotFile();
    if (!file) throw new KeysError('slot_file_damaged');
    for (const secret of secrets) (await openSlotFile(file, secret)).wipe();
  }

  /** Closes what a step has opened; what went wrong first is what its caller hears of. */
  async #abandon(): Promise<void> {
    if (this.#state === 'unsealed') this.#state = 'sealed';
    await this.#session.close().catch(() => undefined);
  }

  async #readSlotFile(): Promise<SlotFile | undefined> {
    const text = await this.#slots.read();
    return text === undefined ? undefined : parseSlotFile(text);
  }
}
