import type { Reader } from '#authz';
import type { SecretBytes } from '#crypto';
import { BootstrapTokenStore, KeyFile, KeysError, SlotFileStore, UnsealJournal, VaultDatabase } from '#keys';
import { FakeCommitter } from './fake-committer.ts';
import { FakeReader } from './fake-reader.ts';

/** Called before and after each effect on what is kept; throwing there is a crash at that moment. */
export type Interruption = (moment: string) => void;

const NEVER: Interruption = () => undefined;

/** A slot file in memory. */
export class FakeSlotFileStore extends SlotFileStore {
  text: string | undefined;
  interrupt = NEVER;

  read(): Promise<string | undefined> {
    return Promise.resolve(this.text);
  }

  async write(text: string): Promise<void> {
    this.interrupt('before the slot file is written');
    this.text = text;
    this.interrupt('after the slot file is written');
  }
}

/** A database in memory that opens only with the key it was made with. */
export class FakeVaultDatabase extends VaultDatabase {
  readonly committer = new FakeCommitter();
  readonly reader = new FakeReader(this.committer);
  interrupt = NEVER;
  opened = false;
  #key: string | undefined;

  exists(): Promise<boolean> {
    return Promise.resolve(this.#key !== undefined);
  }

  async discard(): Promise<void> {
    this.interrupt('before the database is discarded');
    this.committer.rows.clear();
    this.committer.entries.length = 0;
    this.#key = undefined;
    this.interrupt('after the database is discarded');
  }

  async open(key: SecretBytes): Promise<Reader> {
    this.interrupt('before the database is opened');
    const given = key.bytes.toString('hex');
    this.#key ??= given;
    if (given !== this.#key) throw new KeysError('wrong_key');
    this.opened = true;
    this.reader.sealed = false;
    this.interrupt('after the database is opened');
    return this.reader;
  }

  close(): Promise<void> {
    this.opened = false;
    this.reader.sealed = true;
    return Promise.resolve();
  }
}

/** A journal in memory. */
export class FakeJournal extends UnsealJournal {
  lines: string[] = [];

  append(line: string): Promise<void> {
    this.lines.push(line);
    return Promise.resolve();
  }

  read(): Promise<readonly string[]> {
    return Promise.resolve([...this.lines]);
  }

  clear(): Promise<void> {
    this.lines = [];
    return Promise.resolve();
  }
}

/** A bootstrap token in memory. */
export class FakeTokenStore extends BootstrapTokenStore {
  token: string | undefined;

  read(): Promise<string | undefined> {
    return Promise.resolve(this.token);
  }

  write(token: string): Promise<void> {
    this.token = token;
    return Promise.resolve();
  }

  remove(): Promise<void> {
    this.token = undefined;
    return Promise.resolve();
  }
}

/** The key file of the settings, or none. */
export class FakeKeyFile extends KeyFile {
  content: Buffer | undefined;

  read(): Promise<Buffer | undefined> {
    return Promise.resolve(this.content && Buffer.from(this.content));
  }
}
