import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { DatabaseLock } from './database-lock.ts';

const LOCK_MODULE = pathToFileURL(join(import.meta.dirname, 'database-lock.ts')).href;

/** What another process is told that wants the same directory. */
function lockElsewhere(directory: string): string {
  const script = `
    const { DatabaseLock } = await import(${JSON.stringify(LOCK_MODULE)});
    try { new DatabaseLock(process.argv[1]); console.log('locked'); } catch (error) { console.log(error.code); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script, directory], { encoding: 'utf8' });
  return stdout.trim();
}

function lock(directory: string): DatabaseLock {
  const held = new DatabaseLock(directory);
  onTestFinished(() => held.release());
  return held;
}

describe('the database lock', () => {
  it('keeps another process out while it is held, and lets it in afterwards', () => {
    const directory = temporaryDirectory();
    const held = lock(directory);
    expect(lockElsewhere(directory)).toBe('database_in_use');
    held.release();
    expect(lockElsewhere(directory)).toBe('locked');
    expect(lock(directory).directory).toBe(directory);
  });

  it('is held once in one process too, and losing the second costs nothing of the first', () => {
    const directory = temporaryDirectory();
    lock(directory);
    expect(() => new DatabaseLock(directory)).toThrow(expect.objectContaining({ name: 'StorageError', code: 'database_in_use' }));
    expect(lockElsewhere(directory)).toBe('database_in_use');
  });

  it('makes the directory for its owner alone, whatever the umask', () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const directory = join(temporaryDirectory(), 'data');
    lock(directory);
    expect((statSync(directory).mode & 0o777).toString(8)).toBe('700');
    expect((statSync(join(directory, 'holdfast.lock')).mode & 0o777).toString(8)).toBe('600');
  });

  it('leaves nothing to read', () => {
    const directory = temporaryDirectory();
    lock(directory).release();
    expect(readdirSync(directory).map((name) => readFileSync(join(directory, name)).length)).toEqual([0]);
  });
});
