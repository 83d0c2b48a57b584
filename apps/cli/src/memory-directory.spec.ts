import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isInMemory, newMemoryDirectory } from './memory-directory.ts';

const SHARED = '/dev/shm';
const here = existsSync(SHARED) && isInMemory(SHARED);
const made: string[] = [];
afterEach(() => made.splice(0).forEach((directory) => rmSync(directory, { recursive: true, force: true })));

function temporary(parent: string, mode = 0o700): string {
  const directory = mkdtempSync(join(parent, 'holdfast-test-'));
  chmodSync(directory, mode);
  made.push(directory);
  return directory;
}

function chosen(runtime: string | undefined): string {
  const directory = newMemoryDirectory(runtime);
  made.push(directory);
  return directory;
}

describe.skipIf(!here)('a new directory in memory', () => {
  it("lies in the user's own runtime directory, is new each time and for this user only", () => {
    const runtime = temporary(SHARED);
    const [first, second] = [chosen(runtime), chosen(runtime)];
    expect([dirname(first), dirname(second), first === second]).toEqual([runtime, runtime, false]);
    expect(statSync(first).mode & 0o777).toBe(0o700);
    expect(isInMemory(first)).toBe(true);
  });

  it.each([
    ['that others may enter', () => temporary(SHARED, 0o755)],
    ['that is not there', () => join(SHARED, 'nowhere')],
    ['that is on a disk', () => '/proc'],
    ['that is relative', () => '.'],
    ['that is not set', () => undefined],
  ])('is elsewhere in memory for a runtime directory %s', (_what, runtime) => {
    const directory = chosen(runtime());
    expect(dirname(directory)).not.toBe(runtime());
    expect([isInMemory(directory), statSync(directory).mode & 0o777]).toEqual([true, 0o700]);
  });
});
