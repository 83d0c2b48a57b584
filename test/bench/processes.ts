import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A module of this directory running as a process of its own, asked over IPC; it ends when the channel is closed. */
export class BenchProcess {
  readonly #child: ChildProcess;

  constructor(module: string, ...args: string[]) {
    this.#child = fork(join(import.meta.dirname, module), args, { serialization: 'advanced' });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a message and resolves with the next one that comes back; rejects if the process ends instead. */
  ask<Reply>(message: object): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const died = (): void => reject(new Error('a process of the benchmark ended early'));
      this.#child.once('exit', died);
      this.#child.once('message', (reply: Reply) => {
        this.#child.off('exit', died);
        resolve(reply);
      });
      this.#child.send(message);
    });
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** Resident memory of a process in MiB (Linux: `/proc`). */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** Processor time that a process has used so far, in seconds, to a hundredth (Linux: `/proc`). */
export async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
