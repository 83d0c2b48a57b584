import type { EntryDraft } from '#audit';
import type { CheckpointRow, PreparedLog } from '#auditing';
import type { LogRow } from '#authz';

/** A log that seals nothing: what it appends can be read back with `entriesOf`. It signs like the real one, only what was accepted. */
export class FakeLog {
  resumedAuthority: Buffer | undefined;
  size = 0;
  #signed = 0;
  #segmentStored = false;

  prepare(drafts: readonly EntryDraft[], authority: Buffer): PreparedLog {
    const sealed = Buffer.from(JSON.stringify(drafts.map((draft) => draft.requestId)));
    return {
      ...(this.#segmentStored ? {} : { segment: { id: 1, wrapped: Buffer.from('wrapped') } }),
      row: { firstIndex: this.size, count: drafts.length, segment: 1, sealed },
      accept: () => {
        this.size += drafts.length;
        this.#segmentStored = true;
        this.resumedAuthority = authority;
      },
    };
  }

  checkpoint(): CheckpointRow | undefined {
    if (this.size === this.#signed) return undefined;
    this.#signed = this.size;
    return { size: this.size, note: `checkpoint of ${this.size}` };
  }
}

/** The request ids of the entries in rows that a `FakeLog` made, in order. */
export async function entriesOf(rows: AsyncIterable<LogRow>): Promise<string[]> {
  const ids: string[] = [];
  for await (const row of rows) ids.push(...parseIds(row.sealed));
  return ids;
}

function parseIds(sealed: Buffer): string[] {
  const ids: unknown = JSON.parse(sealed.toString());
  if (!Array.isArray(ids)) throw new TypeError('not a row of a fake log');
  return ids.map(String);
}
