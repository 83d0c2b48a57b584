import { ANONYMOUS, type Principal } from '#identity';
import type { Access } from './access.ts';
import { areaOf, isAction, type Action } from '../language/actions.ts';
import { AuthzError } from '../errors.ts';
import type { Labels } from '../gate/label-provider.ts';
import { formOf, isBinding, isPatternOf } from '../language/resource-grammar.ts';
import type { METHODS } from '../language/role.ts';

/** An access that people ask about, in their words. */
export interface Question {
  /** `spiffe://…`, `operator:NAME` or `anonymous`. */
  readonly caller: string;
  readonly action: string;
  /** One resource; or all of them or those below one, `**` at the end, as lists are recorded. */
  readonly resource: string;
  readonly circumstances?: Circumstances;
}

/** What the conditions of rules look at; what is left out is as a condition likes it least. */
export interface Circumstances {
  /** The caller's address. */
  readonly from?: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly method?: (typeof METHODS)[number];
  readonly factors?: 1 | 2;
  readonly labels?: Labels;
  readonly approved?: boolean;
}

/** The access that is asked about, from untrusted input. `now`, epoch milliseconds, is for where no time is given. @throws AuthzError `invalid_question` */
export function askAbout({ caller, action, resource, circumstances = {} }: Question, now: number): Access {
  const deed = parseDeed(action, resource);
  const { from = '', time, labels, approved = false } = circumstances;
  const at = time === undefined ? now : Date.parse(time);
  if (Number.isNaN(at)) return refuse('this is no time as in RFC 3339');
  return {
    caller: parseCaller(caller, circumstances),
    ...deed,
    peer: from,
    now: at,
    labels,
    approvals: { isApproved: () => approved },
  };
}

/**
 * An action, and one resource of its area; or all of them or those below one (`**` at the end), as lists are recorded.
 *
 * @throws AuthzError `invalid_question`
 */
export function parseDeed(action: string, resource: string): { readonly action: Action; readonly resource: string } {
  if (!isAction(action)) return refuse('the action is none; it is written secret:read');
  const area = areaOf(action);
  const isOne = !resource.replace(/(^|\/)\*\*$/, '').includes('*');
  if (!isOne || !isPatternOf(area, resource)) return refuse(`actions of ${area} are on ${formOf(area)}`);
  return { action, resource };
}

function parseCaller(text: string, { method, factors }: Circumstances): Principal {
  const caller = callerNamed(text);
  if (caller === undefined) return refuse('a caller is spiffe://…, operator:NAME or anonymous');
  return { ...caller, ...(method && { method }), ...(factors && { factors }) };
}

/**
 * Somebody as people name them, `spiffe://…`, `operator:NAME` or `anonymous`, come with a certificate, a session or nothing. Undefined for
 * what names nobody, and for a pattern or a group, which are many.
 */
export function callerNamed(text: string): Principal | undefined {
  if (text === ANONYMOUS.id) return ANONYMOUS;
  if (text.includes('*') || !isBinding(text)) return undefined;
  if (text.startsWith('spiffe://')) return { kind: 'workload', id: text, method: 'certificate', credential: '' };
  return text.startsWith('operator:')
    ? { kind: 'operator', id: text.slice('operator:'.length), method: 'session', credential: '' }
    : undefined;
}

/** How a role is bound to a caller; undefined for those whom none can be bound to. */
export function bindingOf({ kind, id, method }: Pick<Principal, 'kind' | 'id' | 'method'>): string | undefined {
  if (kind === 'operator') return method === 'token' ? undefined : `operator:${id}`;
  return kind === 'workload' ? id : undefined;
}

function refuse(hint: string): never {
  throw new AuthzError('invalid_question', hint);
}
