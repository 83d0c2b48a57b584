import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { appendFileDurably, makePrivateDirectory, openPrivate, readIfThere, removeFile, replaceFile } from './private-files.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe.each([0o000, 0o277])('private files under umask %o', (umask) => {
  /** A directory made before the umask is in force. */
  function directoryUnderUmask(): string {
    const directory = temporaryDirectory();
    const before = process.umask(umask);
    onTestFinished(() => void process.umask(before));
    return directory;
  }

  it('makes directories 0700, and makes existing ones so', () => {
    const path = join(directoryUnderUmask(), 'data');
    makePrivateDirectory(path);
    expect(modeOf(path)).toBe('700');
    process.umask(0);
    mkdirSync(join(path, 'open'), { mode: 0o777 });
    makePrivateDirectory(join(path, 'open'));
    expect(modeOf(join(path, 'open'))).toBe('700');
  });

  it('makes files 0600, and makes existing ones so', async () => {
    const directory = directoryUnderUmask();
    const [replaced, appended, opened] = [join(directory, 'a'), join(directory, 'b'), join(directory, 'c')];
    writeFileSync(appended, '');
    chmodSync(appended, 0o666);
    await replaceFile(replaced, 'x');
    await appendFileDurably(appended, 'x');
    openPrivate(opened);
    expect([replaced, appended, opened].map(modeOf)).toEqual(['600', '600', '600']);
  });
});

describe('private files', () => {
  it('replace a file whole, and leave nothing else behind', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'file');
    writeFileSync(`${path}.next`, 'left by a crash');
    await replaceFile(path, 'one');
    await replaceFile(path, 'two');
    expect(await readIfThere(path)).toBe('two');
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('append at the end', async () => {
    const path = join(temporaryDirectory(), 'file');
    await appendFileDurably(path, 'one\n');
    await appendFileDurably(path, 'two\n');
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('tell a missing file from one that can not be read', async () => {
    const directory = temporaryDirectory();
    expect(await readIfThere(join(directory, 'file'))).toBeUndefined();
    await expect(readIfThere(directory)).rejects.toMatchObject({ name: 'StorageError', code: 'file_unavailable' });
  });

  it('remove a file, also one that is not there', async () => {
    const path = join(temporaryDirectory(), 'file');
    await replaceFile(path, 'one');
    await removeFile(path);
    await removeFile(path);
    expect(await readIfThere(path)).toBeUndefined();
  });

  it('refuse a symbolic link in the place of a file', async () => {
    const directory = temporaryDirectory();
    symlinkSync(join(directory, 'elsewhere'), join(directory, 'link'));
    expect(() => openPrivate(join(directory, 'link'))).toThrow(expect.objectContaining({ code: 'not_private' }));
    await expect(appendFileDurably(join(directory, 'link'), 'x')).rejects.toMatchObject({ code: 'file_unavailable' });
  });

  it('say nothing of the host when they fail', async () => {
    const path = join(temporaryDirectory(), 'missing', 'file');
    await expect(replaceFile(path, 'value')).rejects.toThrow(/^a file of the server can not be read or written$/);
  });
});
