import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemFailure } from './failure.ts';

/**
 * Writes a file whole or not at all: a reader never sees half of it, and never more rights than `mode`. When it returns, the file is
 * durable: a key that the server has seen outlives a power cut.
 */
export function writePrivateFile(file: string, content: string | Uint8Array, mode: number): void {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    rmSync(temporary, { force: true });
    writeFileSync(temporary, content, { mode, flag: 'wx', flush: true });
    renameSync(temporary, file);
    syncDirectory(dirname(file));
  } catch (error) {
    throw systemFailure('a file can not be written', error);
  }
}

/** Makes a directory for this user only, where it is missing. */
export function makePrivateDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw systemFailure('a directory can not be made', error);
  }
}

/** A new name is durable only when its directory is. */
function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
