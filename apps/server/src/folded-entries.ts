import type { Gate } from '#authz';
import { UnsealedPart } from '#keys';

/** Enters in the log what was counted while nothing could be written, and, before the log closes, what is still being counted. */
export class FoldedEntries extends UnsealedPart {
  readonly #gate: Gate;

  constructor(gate: Gate) {
    super();
    this.#gate = gate;
  }

  override unsealed(): Promise<void> {
    return this.#gate.flush();
  }

  override sealing(): Promise<void> {
    return this.#gate.flush();
  }
}
