import type { RowWrite } from './rows.ts';

/** Whoever keeps committed rows in memory. Told after COMMIT and before any answer of that commit goes out; it must not throw. */
export abstract class CommitObserver {
  abstract committed(writes: readonly RowWrite[]): void;
}
