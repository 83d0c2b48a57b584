import { ApprovalWitness } from '#access';
import type { Action } from '#authz';
import type { Log } from './log.ts';

/** Makes every read that only a second person's approval allowed be heard outside the audit log too, and counts what rested on one. */
export class ApprovedAccesses extends ApprovalWitness {
  readonly #log: Log;
  readonly #byAction = new Map<Action, number>();

  constructor(log: Log) {
    super();
    this.#log = log;
  }

  get byAction(): ReadonlyMap<Action, number> {
    return this.#byAction;
  }

  accessed(action: Action, requestId: string): void {
    this.#byAction.set(action, (this.#byAction.get(action) ?? 0) + 1);
    // What was read is in the audit log alone.
    if (action === 'secret:read') this.#log.warn('break_glass', { requestId });
  }
}
