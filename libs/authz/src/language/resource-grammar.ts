import { ACTIONS, isAction, type Area } from './actions.ts';

const SEGMENT = '[A-Za-z0-9._*-]{1,64}';
const PATH = new RegExp(`^${SEGMENT}(/${SEGMENT})*$`);
const SPIFFE = /^spiffe:\/\/[a-z0-9._*-]{1,255}(\/[A-Za-z0-9._*-]+)*$/;
/** What else than workloads there is in the area of identities. */
const NAMED = /^(operator|group|trust-domain|issuer|provider):[a-z0-9*][a-z0-9._@*-]{0,254}$/;
/** What is in a trust domain beside SPIFFE IDs: a certificate by its serial number. */
const WITHIN_DOMAIN = /^trust-domain:[a-z0-9*][a-z0-9._*-]{0,254}(\/[a-z0-9*]+){1,2}$/;
const MEMBER = /^(operator|group):[a-z][a-z0-9._@-]{0,63}$/;
const ROLE = /^[a-z][a-z0-9-]{0,63}$/;
const ROLE_PATTERN = /^[a-z*][a-z0-9*-]{0,63}$/;
/** Names of roles that would be taken for something else, by a person or by a JavaScript object. */
const RESERVED = new Set(['anonymous', 'builtin', 'constructor', 'everyone', 'prototype', 'root', 'server']);

interface Form {
  /** In words, for a hint. */
  readonly text: string;
  readonly fits: (pattern: string) => boolean;
}

/** How the patterns of each area are written. `**` alone means every resource of the area. What could match nothing fits nowhere. */
const FORMS: Record<Area, Form> = {
  secret: { text: 'a path such as payments/prod/**', fits: isPath },
  identity: { text: 'spiffe://…, operator:NAME, group:NAME, trust-domain:NAME, issuer:NAME or provider:NAME', fits: isIdentity },
  policy: { text: 'the name of a role', fits: (pattern) => ROLE_PATTERN.test(pattern) && !RESERVED.has(pattern) },
  approval: {
    text: 'ACTION/RESOURCE such as secret:read/payments/**, behind own/ where it is about what one has asked for',
    fits: isAccess,
  },
  audit: { text: '**, since the log is read as a whole', fits: () => false },
  system: { text: 'server', fits: (pattern) => pattern === 'server' },
};

/** How the patterns of an area are written, in words. */
export function formOf(area: Area): string {
  return FORMS[area].text;
}

/** Whether a text is a pattern of that area's resources. */
export function isPatternOf(area: Area, pattern: string): boolean {
  return pattern === '**' || (pattern.length <= 2048 && pattern.split('/').every(isWholeSegment) && FORMS[area].fits(pattern));
}

/** Whether a role may be called so. */
export function isRoleName(text: string): boolean {
  return ROLE.test(text) && !RESERVED.has(text);
}

/** Whether a role may be bound to it: a SPIFFE id pattern, one operator or one group by name. */
export function isBinding(text: string): boolean {
  if (!text.startsWith('spiffe:')) return MEMBER.test(text);
  return text.length <= 2048 && text.split('/').every(isWholeSegment) && SPIFFE.test(text);
}

/** Whether a binding says nothing of who, beyond the trust domain at most. */
export function isForEveryone(binding: string): boolean {
  if (!binding.startsWith('spiffe:')) return false;
  const [domain = '', ...path] = binding.split('/').slice(2);
  return domain.includes('*') || (path.length > 0 && path.every((segment) => /^\*+$/.test(segment)));
}

/** A secret lies below its namespace: a single segment is none, unless it is `**`. */
function isPath(pattern: string): boolean {
  return pattern.length <= 512 && PATH.test(pattern) && (pattern.includes('/') || pattern === '**');
}

function isIdentity(pattern: string): boolean {
  return NAMED.test(pattern) || WITHIN_DOMAIN.test(pattern) || SPIFFE.test(pattern);
}

function isWholeSegment(segment: string): boolean {
  return segment === '**' || (segment !== '.' && segment !== '..' && !segment.includes('**'));
}

/** An action, or all of an area, and a pattern of its area's resources behind it. */
function isAccess(pattern: string): boolean {
  const access = pattern.startsWith('own/') ? pattern.slice('own/'.length) : pattern;
  const [action = ''] = access.split('/', 1);
  const [area = '', verb] = action.split(':');
  if (!Object.hasOwn(ACTIONS, area) || !(verb === '*' || isAction(action))) return access === '**';
  return isPatternOf(area as Area, access.slice(action.length + 1));
}
