import type { Area } from './actions.ts';

const SEGMENT = '[A-Za-z0-9._*-]{1,64}';
const PATH = new RegExp(`^${SEGMENT}(/${SEGMENT})*$`);
const SPIFFE = /^spiffe:\/\/[a-z0-9._*-]{1,255}(\/[A-Za-z0-9._*-]+)*$/;
const OPERATOR = /^operator:[A-Za-z0-9._@*-]{1,64}$/;
/** What others are trusted by: another trust domain, an issuer of workloads' tokens, a provider that operators sign in at. */
const TRUSTED = /^(?:trust-domain|issuer|provider):[a-z0-9._*-]{1,255}$/;
const ROLE = /^[a-z0-9*-]{1,64}$/;

interface Form {
  /** In words, for a hint. */
  readonly text: string;
  readonly fits: (pattern: string) => boolean;
}

/** How the patterns of each area are written. `**` alone means every resource of the area. */
const FORMS: Record<Area, Form> = {
  secret: { text: 'a path such as payments/prod/**', fits: isPath },
  identity: { text: 'spiffe://…, operator:NAME, trust-domain:NAME, issuer:NAME or provider:NAME', fits: isIdentity },
  policy: { text: 'the name of a role', fits: (pattern) => ROLE.test(pattern) },
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

/** Whether a role may be bound to it: a SPIFFE id pattern, or one operator by name. */
export function isBinding(text: string): boolean {
  if (text.startsWith('operator:')) return OPERATOR.test(text) && !text.includes('*');
  return text.length <= 2048 && text.split('/').every(isWholeSegment) && SPIFFE.test(text);
}

function isPath(pattern: string): boolean {
  return pattern.length <= 512 && PATH.test(pattern);
}

function isIdentity(pattern: string): boolean {
  return OPERATOR.test(pattern) || SPIFFE.test(pattern) || TRUSTED.test(pattern);
}

function isWholeSegment(segment: string): boolean {
  return segment === '**' || (segment !== '.' && segment !== '..' && !segment.includes('**'));
}
