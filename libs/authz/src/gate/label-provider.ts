import type { Reader } from './reader.ts';
import type { Expect } from './rows.ts';

/** What a secret is labelled with. */
export type Labels = Readonly<Record<string, string>>;

/** The labels of a secret as a decision found them: none at all where there is no such secret. */
export interface FoundLabels {
  readonly labels?: Labels;
  /** What must still be so when the access commits, for the decision to hold. */
  readonly expects: Expect;
}

/** Where the gate finds the labels that a rule asks for. */
export abstract class LabelProvider {
  /** @throws what opening the record throws */
  abstract find(reader: Reader, resource: string): Promise<FoundLabels>;
}
