import type { Entry } from '#audit';
import type { Reader } from '../gate/reader.ts';

/** Which entries to look at. */
export interface Lookback {
  /** Only what lies before this place in the log; all of it when it is left out. */
  readonly before?: number;
  /** Epoch milliseconds: what is older is not looked at. */
  readonly since: number;
  /** How many entries to look at, at most. */
  readonly most: number;
}

/** Entries, the newest first. */
export interface HistoryPage {
  readonly entries: readonly Entry[];
  /** Where an earlier page begins; undefined when everything since then was looked at. */
  readonly next?: number;
}

/** What the log says was done, for those who explain and plan access. Looking back has an end, however long the log is. */
export abstract class AccessHistory {
  /** The reader is the one that the gate hands out: looking back is an access like any other. */
  abstract page(reader: Reader, lookback: Lookback): Promise<HistoryPage>;
}
