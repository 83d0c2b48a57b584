import { closeSync, constants, fchmodSync, mkdirSync, openSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError } from './errors.ts';

const OWNER_ONLY = 0o600;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Makes a directory that nobody else can enter, or makes an existing one so, whatever the umask.
 * @throws StorageError `not_private`, `file_unavailable`
 */
export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw notPrivate(error);
  }
  closeSync(openAs(path, constants.O_RDONLY | constants.O_DIRECTORY, 0o700));
}

/**
 * Opens a file, making it if need be, and makes it 0600 whatever the umask. A symbolic link is refused.
 * @throws StorageError `not_private`, `file_unavailable`
 */
export function openPrivate(path: string): number {
  return openAs(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, OWNER_ONLY);
}

/**
 * Replaces a file in one step: a reader, or a restart after a crash at any moment, sees all of the old or all of the new.
 * When it returns, the new one is on stable storage. @throws StorageError `file_unavailable`
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  const next = `${path}.next`;
  try {
    await rm(next, { force: true });
    await writeDurably(next, content);
    await rename(next, path);
    await syncDirectory(dirname(path));
  } catch {
    throw new StorageError('file_unavailable');
  }
}

/** Adds to the end of a file; durable when it returns. @throws StorageError `file_unavailable` */
export async function appendFileDurably(path: string, content: string): Promise<void> {
  try {
    await using file = await open(path, APPEND, OWNER_ONLY);
    await file.chmod(OWNER_ONLY);
    await file.writeFile(content);
    await file.sync();
  } catch {
    throw new StorageError('file_unavailable');
  }
}

/** The file's text, or `undefined` when there is none. @throws StorageError `file_unavailable` */
export async function readIfThere(path: string): Promise<string | undefined> {
  return (await readBytesIfThere(path))?.toString();
}

/** The file's bytes, or `undefined` when there is none. @throws StorageError `file_unavailable` */
export async function readBytesIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new StorageError('file_unavailable');
  }
}

/** Whether there is a file that holds anything. @throws StorageError `file_unavailable` */
export async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size > 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw new StorageError('file_unavailable');
  }
}

/** Removes a file for good; there being none is fine. @throws StorageError `file_unavailable` */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
    await syncDirectory(dirname(path));
  } catch {
    throw new StorageError('file_unavailable');
  }
}

function openAs(path: string, flags: number, mode: number): number {
  let fd: number | undefined;
  try {
    fd = openSync(path, flags, mode);
    fchmodSync(fd, mode);
    return fd;
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw notPrivate(error);
  }
}

/** A disk that is full or can only be read says nothing of who may read it. */
function notPrivate(error: unknown): StorageError {
  const unwritable = error instanceof Error && 'code' in error && (error.code === 'EROFS' || error.code === 'ENOSPC');
  return new StorageError(unwritable ? 'file_unavailable' : 'not_private');
}

async function writeDurably(path: string, content: string): Promise<void> {
  await using file = await open(path, 'wx', OWNER_ONLY);
  await file.chmod(OWNER_ONLY);
  await file.writeFile(content);
  await file.sync();
}

/** A new name is durable only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await directory.sync();
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
