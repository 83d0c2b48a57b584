import { lstatSync, mkdtempSync, statfsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Failure, systemFailure } from './failure.ts';

/** File systems that live in memory: statfs(2) names them by these numbers. */
const IN_MEMORY = new Set([0x01021994 /* tmpfs */, 0x858458f6 /* ramfs */]);

/** Whether what is written there reaches no disk. */
export function isInMemory(directory: string): boolean {
  return IN_MEMORY.has(statfsSync(directory).type);
}

/**
 * Makes a new directory in memory for this user only: in `runtime` (what XDG_RUNTIME_DIR names) or `/run/user/UID`, where that is the
 * user's own and nobody else's, else in `/dev/shm`. Nobody removes it but the command, or what clears its parent.
 */
export function newMemoryDirectory(runtime: string | undefined): string {
  const own = [runtime, `/run/user/${process.getuid?.()}`].find(isOwn);
  const parent = own ?? ['/dev/shm'].find(isDirectoryInMemory);
  if (parent === undefined) throw new Failure('there is no directory in memory for the files', { hint: 'name one with --files DIR' });
  try {
    return mkdtempSync(join(parent, 'holdfast-'));
  } catch (error) {
    throw systemFailure('a directory can not be made in memory', error);
  }
}

function isOwn(directory: string | undefined): boolean {
  if (directory === undefined || !isDirectoryInMemory(directory)) return false;
  const { uid, mode } = lstatSync(directory);
  return uid === process.getuid?.() && (mode & 0o077) === 0;
}

function isDirectoryInMemory(directory: string): boolean {
  try {
    return isAbsolute(directory) && lstatSync(directory).isDirectory() && isInMemory(directory);
  } catch {
    return false; // not there, or not for this user
  }
}
