import { availableParallelism } from 'node:os';
import type { Dose } from './duel.ts';

/** The figures that are a duel between Holdfast and bare `node:https`, in the order of the table. */
export const DUELS = [
  'warm read',
  'cold read, 32 at a time',
  'cold read, 8 at a time',
  'cold read, alone',
  'bundle of 20',
  'write, 32 writers',
] as const;
/** The figure that is a duel between Holdfast with 10 roles and Holdfast with 10,000. */
export const CROWDED = 'warm read, 10,000 roles (10)';
export type DuelName = (typeof DUELS)[number] | typeof CROWDED;

/** How large a run is. */
export interface Plan {
  readonly name: 'default' | 'full';
  readonly doses: Readonly<Record<DuelName, Dose>>;
  readonly cliRuns: number;
  readonly idleSeconds: number;
  /** Secrets there are at least when a page of them is listed: 0 takes those that were written so far. */
  readonly listed: number;
}

/** Of throughput relative to bare `node:https`: at least. */
export const DUEL_BARS: Partial<Record<DuelName, number>> = { 'warm read': 0.3, 'cold read, 32 at a time': 0.7 };
/** A warm read's time with 10,000 roles and 1,000 bindings: at most so many times that with 10. */
export const CROWDED_BAR = 1.15;
/** Resident memory of an idle, unsealed server: at most so many MiB. */
export const IDLE_BAR_MIB = 180;
/** A page of 1,000 names, at most so many milliseconds. */
export const LIST_BAR_MS = 50;
/** Whole process against bare `node -e 0`: at most so many times as long. */
export const CLI_BARS = { help: 2.5, get: 3.5, run: 3.5 } as const;

/**
 * A fresh server takes about as long under load until its hot path is compiled for good: what runs once for each batch of 32 comes last.
 * Bare `node:https` is there in one.
 */
const WARM_UP_SECONDS = 12;
/** A handshake's code is hot sooner: a thousand of them a second. */
const COLD_WARM_UP_SECONDS = 5;

/** Client identities, each with its own certificate. */
export const IDENTITIES = 32;

/**
 * A client's handshake costs more than a server's, so one generator would be the limit of a cold read and flatter the slower side.
 * There are as many as there are cores, to a limit, and the same for both sides.
 */
export const COLD_GENERATORS = Math.max(1, Math.min(4, availableParallelism()));

/** The default run takes about four minutes on two cores; the full one is for publishing. */
export function planFor(full: boolean): Plan {
  const seconds = full ? 6 : 1.5;
  const dose = (connections: number, fresh: boolean, maxRequests: number): Dose => {
    const rounds = full ? 9 : 7;
    return { connections, fresh, rounds, seconds, warmUpSeconds: fresh ? COLD_WARM_UP_SECONDS : WARM_UP_SECONDS, maxRequests };
  };
  const many = full ? 1_000_000 : 400_000;
  return {
    name: full ? 'full' : 'default',
    doses: {
      'warm read': dose(32, false, many),
      'cold read, 32 at a time': dose(32, true, 8_000),
      'cold read, 8 at a time': dose(8, true, 8_000),
      'cold read, alone': dose(1, true, 4_000),
      'bundle of 20': dose(32, false, many / 20),
      'write, 32 writers': dose(32, false, many / 10),
      [CROWDED]: dose(32, false, many),
    },
    cliRuns: full ? 40 : 12,
    idleSeconds: full ? 20 : 3,
    listed: full ? 1_000_000 : 0,
  };
}
