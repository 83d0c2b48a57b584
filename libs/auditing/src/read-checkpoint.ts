import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { LogWriter } from './log-writer.ts';

/** Answers the log's newest checkpoint, a signed note that covers the entry of this very request too. */
export class ReadCheckpoint {
  readonly #gate: Gate;
  readonly #log: LogWriter;

  constructor(gate: Gate, log: LogWriter) {
    this.#gate = gate;
    this.#log = log;
  }

  /** @throws AuthzError as the gate does, AuditingError `sealed` */
  async perform(caller: Principal, request: RequestContext): Promise<string> {
    const ask = { caller, action: 'audit:read', resource: '**', request } as const;
    await this.#gate.perform(ask, async () => ({ answer: undefined }));
    return this.#log.head().note;
  }
}
