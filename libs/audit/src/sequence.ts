import type { Finding } from './finding.ts';

/** Who wrote an entry, and as its how manieth. */
export interface Place {
  readonly writer: string;
  readonly seq: number;
}

/** The end of an entry's canonical bytes. A quote inside a string is escaped there, so the names can't be met inside a value. */
const TAIL = /"seq":(0|[1-9][0-9]{0,15}),"time":"[^"]*","v":1,(?:"version":[0-9]+,)?"writer":"([0-9a-f]+)"\}$/;
const TAIL_SIZE = 192;

/** The place that an entry's line claims, read without parsing it; undefined where the line does not end as an entry does. */
export function readPlace(line: Buffer): Place | undefined {
  const match = TAIL.exec(line.toString('latin1', Math.max(0, line.length - TAIL_SIZE)));
  return match === null ? undefined : { seq: Number(match[1]), writer: match[2] ?? '' };
}

/** For a sentence: `entry 7 (writer 00ff…, seq 3)`. */
export function nameEntry(index: number, place: Place | undefined): string {
  return place === undefined ? `entry ${index}` : `entry ${index} (writer ${place.writer}, seq ${place.seq})`;
}

/** Follows each writer's own numbering through the log. */
export class Sequences {
  readonly #next = new Map<string, number>();

  /** What is wrong with the numbering at this entry. */
  follow(line: Buffer, index: number): Finding | undefined {
    const place = readPlace(line);
    if (place === undefined) return { code: 'malformed', index, text: `${nameEntry(index, place)} is not an entry in canonical form` };
    const { writer, seq } = place;
    const expected = this.#next.get(writer) ?? 0;
    this.#next.set(writer, Math.max(expected, seq + 1));
    if (seq === expected) return undefined;
    return seq < expected ? repeated(index, place) : gap(index, place, expected);
  }
}

function repeated(index: number, place: Place): Finding {
  return { code: 'sequence_repeated', index, ...place, text: `${nameEntry(index, place)} comes after a later one of its writer` };
}

function gap(index: number, { writer, seq }: Place, expected: number): Finding {
  const missing = seq - expected === 1 ? `seq ${expected} is` : `seq ${expected} to ${seq - 1} are`;
  return { code: 'sequence_gap', index, writer, seq: expected, text: `before entry ${index}, writer ${writer}'s ${missing} missing` };
}
