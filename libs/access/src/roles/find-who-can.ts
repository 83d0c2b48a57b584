import {
  bindingOf,
  callerNamed,
  deniesAbout,
  parseDeed,
  standingOf,
  type Deed,
  type Gate,
  type May,
  type RequestContext,
  type RuleBook,
  type Standing,
} from '#authz';
import { ANONYMOUS, type Clock, type Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { boundPrincipals, type BoundPrincipal } from './bound-principals.ts';
import { meet } from './escalation.ts';
import { waysOf, type IndirectWay, type Terrain } from './indirect-ways.ts';
import { rolesForAll } from './roles-for-all.ts';
import { ruleBookOf } from './rule-book-of.ts';

/** Of each list in an answer. */
const MOST = 1_000;

/** Somebody who can do it, through which rule, and under which conditions. */
export interface Holder extends Standing {
  /** `operator:NAME`, `anonymous`, a SPIFFE id, or a pattern that stands for all workloads which fit it. */
  readonly principal: string;
  /** The groups by which an operator holds roles. */
  readonly groups?: readonly string[];
  /** A role is bound to the operator, but there is none of this name. */
  readonly absent?: true;
  /** Of a pattern: bindings of which some workloads may be denied it, by other roles. */
  readonly except?: readonly string[];
}

/** Who can do something. */
export interface WhoCan {
  readonly action: string;
  readonly resource: string;
  readonly direct: readonly Holder[];
  readonly indirect: readonly IndirectWay[];
  /** There are more than 1,000 in one of the lists. */
  readonly partial?: true;
}

/** Lists everybody who can do something, through which rule, and the indirect ways besides. For who may read all roles. */
export class FindWhoCan {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does, `invalid_question` */
  perform(caller: Principal, question: { readonly action: string; readonly resource: string }, request: RequestContext): Promise<WhoCan> {
    const ask = { caller, action: 'policy:read', resource: '**', request } as const;
    return this.#gate.perform(ask, async (_reader, may) => ({ answer: this.#answer(question, may) }));
  }

  #answer(question: { readonly action: string; readonly resource: string }, may: May): WhoCan {
    const book = ruleBookOf(this.#authority, rolesForAll(this.#authority, may));
    const { action, resource } = parseDeed(question.action, question.resource);
    const deed = { action, resource, now: this.#clock.now().getTime() };
    const principals = boundPrincipals(this.#authority, book);
    const holders = principals.flatMap((principal) => holderOf(principal, deed, book));
    const direct = [...builtinHolders(book, deed), ...holders];
    const indirect = this.#indirect(principals, deed, book);
    const partial = direct.length > MOST || indirect.length > MOST;
    return { action, resource, direct: direct.slice(0, MOST), indirect: indirect.slice(0, MOST), ...(partial && { partial }) };
  }

  #indirect(principals: readonly BoundPrincipal[], deed: Deed, book: RuleBook): readonly IndirectWay[] {
    const groups = new Set(book.roles.flatMap(({ bind }) => bind.filter((name) => name.startsWith('group:'))));
    const named = [...groups].map((name) => ({ name, roles: book.rolesOfGroup(name.slice('group:'.length)) }));
    const can = [...principals, ...named].map((each) => ({ ...each, standing: standingOf(each.roles, deed) }));
    const targets = can.filter(({ standing }) => standing !== undefined).slice(0, MOST);
    const hangs = deed.action.startsWith('secret:') && targets.some(({ standing }) => standing?.conditional || standing?.unless);
    const { trustDomain } = this.#authority.issuing;
    const terrain: Terrain = { now: deed.now, roles: book.roles, targets, trustDomain, ...(hangs && { labelled: deed.resource }) };
    const ways: IndirectWay[] = [];
    for (const principal of principals) {
      const standing = standingOf(principal.roles, deed);
      if (standing !== undefined && standing.conditional === undefined) continue;
      ways.push(...waysOf(principal, terrain));
      if (ways.length > MOST) break;
    }
    return ways;
  }
}

function holderOf(principal: BoundPrincipal, deed: Deed, book: RuleBook): Holder[] {
  const standing = standingOf(principal.roles, deed);
  if (standing === undefined) return [];
  const { name, groups, absent } = principal;
  const except = name.includes('*') ? exceptionsOf(principal, deed, book) : [];
  return [
    { principal: name, ...standing, ...(groups.length > 0 && { groups }), ...(absent && { absent }), ...(except.length > 0 && { except }) },
  ];
}

/** Roles that the pattern's workloads do not all hold, and that deny it to those who do. */
function exceptionsOf({ name, roles }: BoundPrincipal, deed: Deed, book: RuleBook): string[] {
  const others = book.roles.flatMap(({ bind }) => bind).filter((bind) => bind.startsWith('spiffe://') && bind !== name && meet(bind, name));
  return [...new Set(others)].filter((bind) => {
    const held = book.rolesOf({ kind: 'workload', id: bind, method: 'certificate', credential: '' });
    return held.some((role) => !roles.includes(role)) && deniesAbout(held, deed).length > 0;
  });
}

/** What is allowed without a role, to nobody in particular or to whom it is about. */
function builtinHolders(book: RuleBook, { action, resource, now }: Deed): Holder[] {
  const own = callerNamed(resource);
  return [ANONYMOUS, ...(own === undefined || own === ANONYMOUS ? [] : [own])].flatMap((caller) => {
    const { allowed, rule } = book.decide({ caller, action, resource, peer: '', now });
    return allowed && rule?.startsWith('builtin:') ? [{ principal: bindingOf(caller) ?? caller.id, rule }] : [];
  });
}
