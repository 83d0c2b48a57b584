import { execFileSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';

const SIZE = 24 << 20;
const BLOCK = 4_096;

/** A file system of a few MiB of its own, in a file. It takes root and a loop device. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #image: string;

  private constructor(directory: string) {
    this.#image = join(directory, 'disk.img');
    this.path = join(directory, 'disk');
  }

  /** @throws Error that says why there can't be one here */
  static mount(directory: string): SmallDisk {
    const disk = new SmallDisk(directory);
    mkdirSync(disk.path);
    writeFileSync(disk.#image, '');
    truncateSync(disk.#image, SIZE);
    execFileSync('mkfs.ext4', ['-q', '-m', '0', '-b', String(BLOCK), disk.#image], { stdio: 'pipe' });
    disk.remount();
    try {
      accessSync(disk.#trigger, constants.W_OK);
      return disk;
    } catch (error) {
      disk.#unmount();
      throw error;
    }
  }

  /** Mounts it, as whoever repaired it does: unmounted first, if it is mounted. */
  remount(): void {
    this.#unmount();
    execFileSync('mount', ['-o', 'loop,errors=remount-ro', this.#image, this.path], { stdio: 'pipe' });
  }

  /** Takes every block that is left. */
  fill(): void {
    const file = openSync(this.#ballast, 'w');
    try {
      for (;;) writeSync(file, Buffer.alloc(BLOCK));
    } catch {
      // It is full.
    } finally {
      closeSync(file);
    }
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Gives back what `fill` has taken. */
  empty(): void {
    rmSync(this.#ballast);
  }

  /** Lets the kernel find an error: from now on the file system can only be read, as it stands and by whoever has files open. */
  fail(): void {
    writeFileSync(this.#trigger, 'a test asked for it');
  }

  [Symbol.dispose](): void {
    this.#unmount();
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }

  /** Where the kernel is told to find an error in this file system. */
  get #trigger(): string {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
    const [device = ''] = mounts.find((line) => line.split(' ')[1] === this.path)?.split(' ') ?? [];
    return `/sys/fs/ext4/${basename(device)}/trigger_fs_error`;
  }

  #unmount(): void {
    if (existsSync(join(this.path, 'lost+found'))) execFileSync('umount', [this.path], { stdio: 'pipe' });
  }
}
