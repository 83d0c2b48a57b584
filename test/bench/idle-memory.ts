import { setTimeout as after } from 'node:timers/promises';
import type { Side } from './duel.ts';
import { residentMiB } from './processes.ts';
import { median } from './statistics.ts';

/** Resident MiB of both servers, neither asked anything, medians over the time given. */
export async function idleMemory({ ours, bare }: { ours: Side; bare: Side }, seconds: number): Promise<{ ours: number; bare: number }> {
  const samples: { ours: number; bare: number }[] = [];
  for (let turn = 0; turn < seconds * 2; turn += 1) {
    await after(500);
    samples.push({ ours: await residentMiB(ours.pid), bare: await residentMiB(bare.pid) });
  }
  return { ours: median(samples.map((sample) => sample.ours)), bare: median(samples.map((sample) => sample.bare)) };
}
