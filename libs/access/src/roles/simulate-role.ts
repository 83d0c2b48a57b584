import { setImmediate } from 'node:timers/promises';
import {
  AuthzError,
  actionsAbout,
  bindingOf,
  deedsWritten,
  impactOn,
  isAction,
  parseRole,
  type AccessHistory,
  type Action,
  type Gate,
  type Impact,
  type May,
  type MayBelow,
  type Reader,
  type RequestContext,
  type Role,
  type RuleBook,
  type SecretInventory,
} from '#authz';
import type { Clock, Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { boundPrincipals, type BoundPrincipal } from './bound-principals.ts';
import { callerOf } from '../authority/entry-caller.ts';
import { rolesForAll } from './roles-for-all.ts';
import { ruleBookOf } from './rule-book-of.ts';

/** What one page looks at, at most. */
const MOST_ITEMS = 1_000;
const ROWS_A_PAGE = 100;
const ENTRIES_A_PAGE = 5_000;
/** Principals whose access is worked out. */
const MOST_PRINCIPALS = 200;

/** A role as it would be, or one that would be gone. Untrusted input. */
export interface Simulation {
  readonly role?: unknown;
  readonly deleted?: string;
  /** RFC 3339: how far back in the log; it is left out where that is not to be looked at. */
  readonly since?: string;
  /** Of an earlier page. */
  readonly cursor?: string;
}

/** Whose access to what changes. */
export interface ChangedAccess extends Impact {
  /** `operator:NAME`, a SPIFFE id, or a pattern of them as it is bound. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  /** What it was found by: what the rules say, a secret that there is, or what was done. */
  readonly by: 'rules' | 'secrets' | 'log';
}

/** One page. */
export interface SimulatedChange {
  readonly items: readonly ChangedAccess[];
  readonly nextCursor?: string;
  /** There are more principals, or more changes on this page, than were worked out. */
  readonly partial?: true;
  /** What was left out, for want of the right to it: `audit:read` for the log. */
  readonly withheld?: readonly 'log'[];
}

/** Where answers come from, beside the roles. */
export interface SimulationSources {
  readonly history: AccessHistory;
  readonly inventory: SecretInventory;
}

interface Scene {
  readonly reader: Reader;
  readonly may: May;
  readonly below: MayBelow;
  readonly now: number;
  readonly before: RuleBook;
  readonly after: RuleBook;
  /** The role as it is, as it would be, and what both extend. */
  readonly touched: readonly Role[];
}

type Stage = 'rules' | 'secrets' | 'log';

/**
 * Says whose access changes when a role does: over what its rules say, over the secrets that the asker may list, and, for who may read the log,
 * over what was done. Page by page.
 */
export class SimulateRole {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #sources: SimulationSources;

  constructor(gate: Gate, authority: Authority, clock: Clock, sources: SimulationSources) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#sources = sources;
  }

  /** @throws AuthzError as the gate does, `invalid_role`, `invalid_question` */
  perform(caller: Principal, simulation: Simulation, request: RequestContext): Promise<SimulatedChange> {
    const ask = { caller, action: 'policy:read', resource: '**', request } as const;
    return this.#gate.perform(ask, async (reader, may, below) => {
      const all = rolesForAll(this.#authority, may);
      const changed = changedRoles(all, simulation);
      const before = ruleBookOf(this.#authority, all);
      const after = ruleBookOf(this.#authority, changed.roles);
      const touched = changed.touched;
      const scene = { reader, may, below, now: this.#clock.now().getTime(), before, after, touched };
      return { answer: await this.#page(scene, simulation) };
    });
  }

  async #page(scene: Scene, { since, cursor }: Simulation): Promise<SimulatedChange> {
    const { stage, at } = openCursor(cursor);
    if (stage === 'rules') return { ...this.#byRules(scene), nextCursor: 'secrets' };
    if (stage === 'secrets') return this.#bySecrets(scene, at, since);
    if (since === undefined) return { items: [] };
    if (!scene.may('audit:read', '**')) return { items: [], withheld: ['log'] };
    return this.#byLog(scene, at, since);
  }

  #byRules(scene: Scene): SimulatedChange {
    const deeds = deedsWritten(scene.touched);
    const { principals, partial } = this.#principals(scene);
    const items = principals.flatMap((principal) => deeds.flatMap((deed) => changeOf(scene, principal, deed, 'rules')));
    return pageOf(items, partial);
  }

  async #bySecrets(scene: Scene, at: string, since: string | undefined): Promise<SimulatedChange> {
    const { reader, may, below, touched } = scene;
    const { secrets, next } = await this.#sources.inventory.page(reader, { may, below, cursor: at || undefined, most: ROWS_A_PAGE });
    const { principals, partial } = this.#principals(scene);
    const items: ChangedAccess[] = [];
    for (const { path } of secrets) {
      const deeds = actionsAbout(touched, path).map((action) => ({ action, resource: path }));
      for (const principal of principals) for (const deed of deeds) items.push(...changeOf(scene, principal, deed, 'secrets'));
      // Many principals with many secrets take long: others have their turn.
      await setImmediate();
    }
    const following = since === undefined ? undefined : 'log';
    return { ...pageOf(items, partial), nextCursor: next === undefined ? following : `secrets:${next}` };
  }

  async #byLog(scene: Scene, at: string, since: string): Promise<SimulatedChange> {
    const from = Date.parse(since);
    if (Number.isNaN(from)) throw new AuthzError('invalid_question', 'since: no time as in RFC 3339');
    const before = at === '' ? undefined : Number(at);
    const { entries, next } = await this.#sources.history.page(scene.reader, { before, since: from, most: ENTRIES_A_PAGE });
    const found = new Map<string, ChangedAccess>();
    for (const { caller, action, resource } of entries) {
      const principal = callerOf(caller);
      const name = bindingOf(principal);
      const key = `${name ?? ''} ${action} ${resource}`;
      if (name === undefined || !isAction(action) || found.has(key)) continue;
      const held = { name, before: scene.before.rolesOf(principal), after: scene.after.rolesOf(principal) };
      for (const change of changeOf(scene, held, { action, resource }, 'log')) found.set(key, change);
    }
    return { ...pageOf([...found.values()]), ...(next !== undefined && { nextCursor: `log:${next}` }) };
  }

  /** Everybody whose roles the change touches. */
  #principals({ before, after, touched }: Scene): { readonly principals: readonly Changing[]; readonly partial: boolean } {
    const names = new Map<string, { before: readonly Role[]; after: readonly Role[] }>();
    const of = (book: RuleBook): readonly BoundPrincipal[] => boundPrincipals(this.#authority, book);
    for (const { name, roles } of of(before)) names.set(name, { before: roles, after: [] });
    for (const { name, roles } of of(after)) names.set(name, { before: [], ...names.get(name), after: roles });
    const changing = [...names].flatMap(([name, held]) => (isTouched(held, touched) ? [{ name, ...held }] : []));
    return { principals: changing.slice(0, MOST_PRINCIPALS), partial: changing.length > MOST_PRINCIPALS };
  }
}

interface Changing {
  readonly name: string;
  readonly before: readonly Role[];
  readonly after: readonly Role[];
}

function isTouched({ before, after }: Omit<Changing, 'name'>, touched: readonly Role[]): boolean {
  return touched.some((role) => before.includes(role) !== after.includes(role));
}

function changeOf(scene: Scene, { name, before, after }: Changing, deed: { action: Action; resource: string }, by: Stage): ChangedAccess[] {
  const impact = impactOn({ ...deed, now: scene.now }, before, after);
  return impact === undefined ? [] : [{ caller: name, ...deed, ...impact, by }];
}

function pageOf(items: readonly ChangedAccess[], partial = false): SimulatedChange {
  return { items: items.slice(0, MOST_ITEMS), ...((partial || items.length > MOST_ITEMS) && { partial: true }) };
}

/** The roles after the change, and those whose rules it brings or takes. */
function changedRoles(
  all: readonly Role[],
  { role, deleted }: Simulation,
): { readonly roles: readonly Role[]; readonly touched: readonly Role[] } {
  const after = role === undefined ? undefined : parseRole(role);
  const name = after?.role ?? deleted;
  if ((role === undefined) === (deleted === undefined) || name === undefined)
    throw new AuthzError('invalid_question', 'it takes a role, or the name of one that is deleted');
  const before = all.find((each) => each.role === name);
  const others = all.filter((each) => each.role !== name);
  const roles = after === undefined ? others : [...others, after];
  const touched = new Set([before, after].filter((each) => each !== undefined));
  // A set grows while it is walked: parents of parents come in too.
  for (const { extends: parents = [] } of touched) for (const each of others) if (parents.includes(each.role)) touched.add(each);
  return { roles, touched: [...touched] };
}

function openCursor(cursor = 'rules'): { readonly stage: Stage; readonly at: string } {
  const { stage, at = '' } = /^(?<stage>rules|secrets|log)(?::(?<at>.+))?$/.exec(cursor)?.groups ?? {};
  const isPlace = stage !== 'log' || /^[0-9]{0,15}$/.test(at);
  if ((stage === 'rules' || stage === 'secrets' || stage === 'log') && isPlace) return { stage, at };
  throw new AuthzError('invalid_question', 'this is no cursor of a simulation');
}
