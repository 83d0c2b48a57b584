import type { FoundLabels, LabelProvider, Labels } from './label-provider.ts';
import type { Ask } from './plan.ts';
import type { Reader } from './reader.ts';
import type { Expect } from './rows.ts';
import type { Decision } from '../decision/weigh.ts';

/** A decision, and what must still be so when the access commits for it to hold. */
export interface Decided extends Decision {
  readonly expects?: Expect;
}

const DENIED: Decision = { allowed: false };

/**
 * What hangs on labels, decided on those that the secret has. One that is not there takes the same way and is answered like no, so that who
 * may not read it can't tell; but a write of it is decided on the labels that it would be made with, or nobody could make any.
 *
 * @throws what the provider throws
 */
export async function decideOnLabels(
  provider: LabelProvider | undefined,
  reader: Reader,
  ask: Ask,
  decide: (labels: Labels) => Decision,
): Promise<Decided> {
  if (provider === undefined) return DENIED;
  const found = await provider.find(reader, ask.resource);
  const labels = labelsFor(ask, found);
  return { ...(labels === undefined ? DENIED : decide(labels)), expects: found.expects };
}

function labelsFor({ action, newLabels = {} }: Ask, { labels }: FoundLabels): Labels | undefined {
  return labels ?? (action === 'secret:write' ? newLabels : undefined);
}
