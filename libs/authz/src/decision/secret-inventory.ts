import type { Labels } from '../gate/label-provider.ts';
import type { May, MayBelow } from '../gate/plan.ts';
import type { Reader } from '../gate/reader.ts';

/** Which secrets to look at, and for whom. */
export interface InventoryQuery {
  readonly may: May;
  readonly below: MayBelow;
  /** Of an earlier page; from the beginning when it is left out. */
  readonly cursor?: string;
  /** How many rows to read, at most. */
  readonly most: number;
}

/** Secrets without their values. */
export interface InventoryPage {
  readonly secrets: readonly { readonly path: string; readonly labels: Labels }[];
  /** Where to go on; undefined when there is nothing left. */
  readonly next?: string;
}

/** Which secrets there are, of those that a caller may list: for who plans what others may do with them. */
export abstract class SecretInventory {
  /** @throws what a wrong cursor or a record that does not open throws */
  abstract page(reader: Reader, query: InventoryQuery): Promise<InventoryPage>;
}
