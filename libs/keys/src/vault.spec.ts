import { beforeEach, describe, expect, it } from 'vitest';
import { SecretBytes } from '#crypto';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeSlotFileStore, FakeVaultDatabase } from '../../../test/support/fake-vault-ports.ts';
import { KeysError, type KeysCode } from './errors.ts';
import type { NewKeyring } from './keyring-rows.ts';
import type { Keyring } from './keyring.ts';
import type { SlotSecret } from './slot-secret.ts';
import { UnsealedPart } from './unsealed-part.ts';
import { Vault, type VaultParts } from './vault.ts';

const refused = (code: KeysCode) => ({ name: 'KeysError', code });
const slot: SlotSecret = { kind: 'file', key: SecretBytes.random(32) };
const plan = { trustDomain: 'acme.internal', slots: [slot] };
const clock = new FakeClock();

let slots: FakeSlotFileStore;
let database: FakeVaultDatabase;
let told: string[];

beforeEach(() => {
  slots = new FakeSlotFileStore();
  database = new FakeVaultDatabase();
  told = [];
});

/** Writes down what it is told, and may fail at it. */
class ToldPart extends UnsealedPart {
  readonly #name: string;
  readonly #failure: Error | undefined;
  keyring: Keyring | undefined;

  constructor(name: string, failure?: Error) {
    super();
    this.#name = name;
    this.#failure = failure;
  }

  unsealed(keyring: Keyring): Promise<void> {
    this.keyring = keyring;
    told.push(`${this.#name} unsealed`);
    return this.#failure ? Promise.reject(this.#failure) : Promise.resolve();
  }

  sealing(): Promise<void> {
    told.push(`${this.#name} sealing`);
    return Promise.resolve();
  }
}

function newVault(parts: VaultParts = { records: [new ToldPart('log')], serves: [new ToldPart('listener')] }): Vault {
  return new Vault(slots, database, parts, clock);
}

async function startedVault(parts?: VaultParts): Promise<Vault> {
  const vault = newVault(parts);
  await vault.start();
  return vault;
}

/** What an operation would do through the gate: commit the rows with an entry. */
async function commit({ writes, keyring }: Pick<NewKeyring, 'writes' | 'keyring'>): Promise<string> {
  for (const write of writes) database.committer.plant(write);
  return keyring.fingerprint;
}

const nothing = (): Promise<void> => Promise.resolve();

describe('initialization', () => {
  it('leaves a sealed server that its slot unseals', async () => {
    const vault = await startedVault();
    const fingerprint = await vault.initialize(plan, commit);
    expect(vault.state()).toBe('sealed');
    expect(database.opened).toBe(false);
    const part = new ToldPart('log');
    const restarted = await startedVault({ records: [part], serves: [] });
    expect(restarted.state()).toBe('sealed');
    await restarted.unseal(slot, nothing);
    expect(part.keyring?.fingerprint).toBe(fingerprint);
  });

  it('happens once, however many ask at the same time', async () => {
    const vault = await startedVault();
    const answers = await Promise.allSettled([1, 2, 3].map(() => vault.initialize(plan, commit)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await expect(vault.initialize(plan, commit)).rejects.toMatchObject(refused('already_initialized'));
    await expect((await startedVault()).initialize(plan, commit)).rejects.toMatchObject(refused('already_initialized'));
  });

  it('tells only the parts that record', async () => {
    await (await startedVault()).initialize(plan, commit);
    expect(told).toEqual(['log unsealed', 'log sealing']);
  });

  it('refuses to be without a slot', async () => {
    const vault = await startedVault();
    await expect(vault.initialize({ ...plan, slots: [] }, commit)).rejects.toMatchObject(refused('unknown_slot'));
    expect(slots.text).toBeUndefined();
  });

  it('can be repeated when recording it failed, and nothing of the first try is left', async () => {
    const vault = await startedVault();
    const failing = async (made: NewKeyring): Promise<never> => {
      await commit(made);
      throw new Error('the disk is full');
    };
    await expect(vault.initialize(plan, failing)).rejects.toThrow('the disk is full');
    expect(vault.state()).toBe('uninitialized');
    await expect(vault.unseal(slot, nothing)).rejects.toMatchObject(refused('not_initialized'));
    await vault.initialize(plan, commit);
    expect(database.committer.rows.size).toBe(7);
    await vault.unseal(slot, nothing);
  });

  it('is not begun where a database lies without its slot file', async () => {
    await (await startedVault()).initialize(plan, commit);
    slots.text = undefined;
    await expect(newVault().start()).rejects.toMatchObject(refused('slot_file_damaged'));
  });

  it('is not begun where the slot file is damaged', async () => {
    slots.text = '{}';
    await expect(newVault().start()).rejects.toMatchObject(refused('slot_file_damaged'));
  });

  it('refuses slots that do not open as they were written', async () => {
    const vault = await startedVault();
    slots.interrupt = (moment) => {
      if (moment.startsWith('after')) slots.text = slots.text?.replace(/"wrapped": "..../, '"wrapped": "AAAA');
    };
    await expect(vault.initialize(plan, commit)).rejects.toBeInstanceOf(KeysError);
    await expect(database.exists()).resolves.toBe(false);
  });
});

describe('a crash at any moment of initialization', () => {
  /** Runs an initialization that crashes at its `crashAt`th moment; the moment's name, or undefined when there are fewer. */
  async function crashedAt(crashAt: number): Promise<string | undefined> {
    let count = 0;
    let crashed: string | undefined;
    const interrupt = (moment: string): void => {
      if (crashed === undefined && count++ === crashAt) crashed = moment;
      if (crashed !== undefined) throw new Error('crash');
    };
    slots.interrupt = interrupt;
    database.interrupt = interrupt;
    const vault = await startedVault();
    const committing = async (made: NewKeyring): Promise<string> => {
      interrupt('before the commit');
      const answer = await commit(made);
      interrupt('after the commit');
      return answer;
    };
    await vault.initialize(plan, committing).catch(() => undefined);
    slots.interrupt = database.interrupt = () => undefined;
    return crashed;
  }

  it('leaves a server that can be initialized, or one that its slot unseals', async () => {
    const outcomes = new Map<string, string>();
    for (let crashAt = 0; ; crashAt++) {
      slots = new FakeSlotFileStore();
      database = new FakeVaultDatabase();
      const moment = await crashedAt(crashAt);
      if (moment === undefined) break;
      const vault = await startedVault();
      outcomes.set(`${crashAt}: ${moment}`, vault.state());
      if (vault.state() === 'uninitialized') await vault.initialize(plan, commit);
      await vault.unseal(slot, nothing);
      expect(database.committer.rows.size).toBe(7);
    }
    expect([...outcomes]).toEqual([
      ['0: before the slot file is written', 'uninitialized'],
      ['1: after the slot file is written', 'uninitialized'],
      ['2: before the database is discarded', 'uninitialized'],
      ['3: after the database is discarded', 'uninitialized'],
      ['4: before the database is opened', 'uninitialized'],
      ['5: after the database is opened', 'uninitialized'],
      ['6: before the commit', 'uninitialized'],
      ['7: after the commit', 'uninitialized'],
      ['8: before the slot file is written', 'uninitialized'],
      ['9: after the slot file is written', 'sealed'],
    ]);
  });
});

describe('unsealing', () => {
  beforeEach(async () => {
    await (await startedVault()).initialize(plan, commit);
    told = [];
  });

  it('records before it serves', async () => {
    const vault = await startedVault();
    await vault.unseal(slot, async () => void told.push('recorded'));
    expect(told).toEqual(['log unsealed', 'recorded', 'listener unsealed']);
    expect(vault.state()).toBe('unsealed');
  });

  it('happens once, however many ask at the same time', async () => {
    const vault = await startedVault();
    const answers = await Promise.allSettled([1, 2, 3].map(() => vault.unseal(slot, nothing)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await expect(vault.unseal(slot, nothing)).rejects.toMatchObject(refused('already_unsealed'));
    expect(told).toEqual(['log unsealed', 'listener unsealed']);
  });

  it('leaves everything closed after a wrong key, and open to the right one', async () => {
    const vault = await startedVault();
    await expect(vault.unseal({ kind: 'file', key: SecretBytes.random(32) }, nothing)).rejects.toMatchObject(refused('wrong_key'));
    expect([vault.state(), database.opened]).toEqual(['sealed', false]);
    await vault.unseal(slot, nothing);
    expect(vault.state()).toBe('unsealed');
  });

  it.each([
    ['a part that records', ['log unsealed', 'log sealing']],
    ['a part that serves', ['log unsealed', 'listener unsealed', 'listener sealing', 'log sealing']],
  ])('closes everything again when %s fails, and throws what that threw', async (who, expected) => {
    const failure = new Error('no');
    const log = new ToldPart('log', who === 'a part that records' ? failure : undefined);
    const vault = await startedVault({ records: [log], serves: [new ToldPart('listener', failure)] });
    await expect(vault.unseal(slot, nothing)).rejects.toBe(failure);
    expect(told).toEqual(expected);
    expect([vault.state(), database.opened]).toEqual(['sealed', false]);
    expect(() => log.keyring?.tokenHash('a', 'b')).toThrow(new KeysError('sealed'));
  });

  it('serves nobody when it can not be recorded', async () => {
    const vault = await startedVault();
    await expect(vault.unseal(slot, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
    expect(told).toEqual(['log unsealed', 'log sealing']);
    expect(vault.state()).toBe('sealed');
  });

  it('refuses a database whose keys are gone, and one that is gone itself', async () => {
    const vault = await startedVault();
    database.committer.rows.delete('key:token');
    await expect(vault.unseal(slot, nothing)).rejects.toMatchObject(refused('integrity_failed'));
    await database.discard();
    await expect(vault.unseal(slot, nothing)).rejects.toMatchObject(refused('integrity_failed'));
    expect([vault.state(), database.opened]).toEqual(['sealed', false]);
  });
});

describe('sealing', () => {
  it('closes in reverse order, wipes the keys, and can be undone', async () => {
    const log = new ToldPart('log');
    const vault = await startedVault({ records: [log], serves: [new ToldPart('listener')] });
    await vault.initialize(plan, commit);
    await vault.unseal(slot, nothing);
    told = [];
    const { keyring } = log;
    await vault.seal();
    expect(told).toEqual(['listener sealing', 'log sealing']);
    expect([vault.state(), database.opened]).toEqual(['sealed', false]);
    expect(() => keyring?.tokenHash('a', 'b')).toThrow(new KeysError('sealed'));
    await expect(vault.seal()).rejects.toMatchObject(refused('sealed'));
    await vault.unseal(slot, nothing);
    expect(vault.state()).toBe('unsealed');
  });
});
