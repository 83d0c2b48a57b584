import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

/**
 * Leads a name to `target` at once: a reader follows the old link, or what stood there, or the new one. What it leads to is durable
 * before the name is, and the name is durable when this returns.
 */
export function replaceLink(link: string, target: string): void {
  const temporary = join(dirname(link), `.${basename(link)}.link`);
  try {
    rmSync(temporary, { force: true });
    symlinkSync(target, temporary);
    syncDirectory(dirname(link));
    renameSync(temporary, link);
    syncDirectory(dirname(link));
  } catch (error) {
    throw systemFailure('a link can not be made', error);
  }
}

/** Makes a directory where it is missing, for this user only unless `mode` says otherwise. */
export function makePrivateDirectory(directory: string, mode = 0o700): void {
  try {
    mkdirSync(directory, { recursive: true, mode });
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
