import { appendFileSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { FileBootstrapTokenStore } from './file-bootstrap-token-store.ts';
import { FileSlotStore } from './file-slot-store.ts';
import { FileUnsealJournal } from './file-unseal-journal.ts';
import { NamedKeyFile } from './named-key-file.ts';

describe('the files beside the database', () => {
  it('are for their owner alone, whatever the umask', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const directory = temporaryDirectory();
    await new FileSlotStore(directory).write('{}');
    await new FileBootstrapTokenStore(directory).write('hfb_x');
    await new FileUnsealJournal(directory).append('{}');
    expect(readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  });

  it('hold the token on a line of its own, for whoever copies it', async () => {
    const store = new FileBootstrapTokenStore(temporaryDirectory());
    await store.write('hfb_x');
    expect(readFileSync(store.path, 'utf8')).toBe('hfb_x\n');
  });

  it('lose one line of the journal to a crash, and not the next one with it', async () => {
    const directory = temporaryDirectory();
    const journal = new FileUnsealJournal(directory);
    await journal.append('one');
    appendFileSync(join(directory, 'unseal-journal.ndjson'), 'tor');
    await journal.append('two');
    expect(await journal.read()).toEqual(['one', 'tor', 'two']);
  });
});

describe('a named key file', () => {
  it('is read byte for byte each time, and may be absent or not named', async () => {
    const path = join(temporaryDirectory(), 'key');
    const file = new NamedKeyFile(path);
    expect(await file.read()).toBeUndefined();
    writeFileSync(path, Buffer.of(0xff, 0x00));
    expect(await file.read()).toEqual(Buffer.of(0xff, 0x00));
    expect(await new NamedKeyFile(undefined).read()).toBeUndefined();
  });
});
