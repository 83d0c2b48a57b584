import { AuthzError } from '../errors.ts';

/** What one segment of a pattern asks of one segment of a resource; `deep` stands for `**`. */
type Segment = 'deep' | ((segment: string) => boolean);

/**
 * A pattern of resources, compiled. Segments are separated by `/`; `*` stands for any run of characters within one segment, and
 * `**`, alone in its segment, for one or more whole segments.
 *
 * No regular expression is made from a pattern: matching takes at most (segments of the pattern × segments of the resource) steps.
 */
export class Pattern {
  readonly #segments: readonly Segment[];
  /** The first segment when it is a plain name: rules are indexed by it. */
  readonly head: string | undefined;

  /** @throws AuthzError `invalid_role` when `**` is only a part of a segment. */
  constructor(text: string) {
    const segments = text.split('/');
    this.#segments = segments.map(compileSegment);
    this.head = segments[0]?.includes('*') ? undefined : segments[0];
  }

  /** Whether the resource, split at `/`, matches. */
  matches(resource: readonly string[]): boolean {
    let at = 0;
    let next = 0;
    let deep = -1;
    let taken = 0;
    while (at < resource.length) {
      const wanted = this.#segments[next];
      if (wanted === 'deep') {
        deep = next++;
        taken = ++at;
      } else if (wanted?.(resource[at] ?? '')) {
        next++;
        at++;
      } else if (deep >= 0) {
        next = deep + 1;
        at = ++taken;
      } else return false;
    }
    return next === this.#segments.length;
  }

  /** Whether some resource below the prefix matches. */
  reachesBelow(prefix: readonly string[]): boolean {
    return this.#statesAfter(prefix).size > 0;
  }

  /** Whether surely every resource below the prefix matches: after it, only `**` is left. */
  coversBelow(prefix: readonly string[]): boolean {
    const last = this.#segments.length - 1;
    return this.#segments[last] === 'deep' && this.#statesAfter(prefix).has(last);
  }

  /** The segments of the pattern that may face the next segment of a resource, once it began with the prefix. */
  #statesAfter(prefix: readonly string[]): Set<number> {
    let states = new Set([0]);
    for (const segment of prefix) {
      const reached = new Set<number>();
      for (const state of states) {
        const wanted = this.#segments[state];
        if (wanted === 'deep') reached.add(state);
        if (wanted === 'deep' || wanted?.(segment)) reached.add(state + 1);
      }
      reached.delete(this.#segments.length);
      states = reached;
    }
    return states;
  }
}

/** A pattern as a question about one resource, for those who match but hold no rules. @throws AuthzError `invalid_role` */
export function compilePattern(pattern: string): (resource: string) => boolean {
  const compiled = new Pattern(pattern);
  return (resource) => compiled.matches(resource.split('/'));
}

function compileSegment(text: string): Segment {
  if (text === '**') return 'deep';
  if (text.includes('**')) throw new AuthzError('invalid_role', '`**` stands alone in its segment');
  // A resource that is itself written with `**` means everything below: no single `*` reaches that far.
  if (text === '*') return (segment) => segment !== '' && segment !== '**';
  if (!text.includes('*')) return (segment) => segment === text;
  return globSegment(text.split('*'));
}

/** The first piece begins the segment, the last ends it, and those between follow each other: leftmost is always right. */
function globSegment(pieces: readonly string[]): (segment: string) => boolean {
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  const between = pieces.slice(1, -1);
  return (segment) => {
    if (segment.length < first.length + last.length || !segment.startsWith(first) || !segment.endsWith(last)) return false;
    let at = first.length;
    for (const piece of between) {
      const found = segment.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= segment.length - last.length;
  };
}
