import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import type { RevocationRecord } from '../authority/records.ts';

interface Page {
  readonly items: readonly RevocationRecord[];
  /** The last subject of a page that is not the last. */
  readonly nextCursor?: string;
}

/** The revocations that the caller may see, by subject. */
export class ListRevocations {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** Those behind the subject `cursor`, at most `limit`. @throws AuthzError as the gate does */
  perform(caller: Principal, { cursor = '', limit = 1_000 }: { cursor?: string; limit?: number }, request: RequestContext): Promise<Page> {
    return this.#gate.performWithin({ caller, action: 'identity:describe', resource: '', request }, async (_reader, may) => {
      const behind = this.#authority.all('revocation').flatMap(({ body }) => (body.subject > cursor ? [body] : []));
      const visible = behind.filter(({ subject }) => may('identity:describe', subject));
      const items = visible.toSorted((a, b) => (a.subject < b.subject ? -1 : 1)).slice(0, limit);
      return { answer: visible.length > items.length ? { items, nextCursor: items.at(-1)?.subject } : { items } };
    });
  }
}
