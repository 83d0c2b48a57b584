import type { Area } from './actions.ts';

const SEGMENT = '[A-Za-z0-9._*-]{1,64}';
const PATH = new RegExp(`^${SEGMENT}(/${SEGMENT})*$`);
const SPIFFE = /^spiffe:\/\/[a-z0-9._*-]{1,255}(\/[A-Za-z0-9._*-]+)*$/;
const OPERATOR = /^operator:[A-Za-z0-9._@*-]{1,64}$/;
const ROLE = /^[a-z0-9*-]{1,64}$/;

/** How the patterns of each area are written. `**` alone means every resource of the area. */
const GRAMMAR: Record<Area, (pattern: string) => boolean> = {
  secret: isPath,
  identity: isCaller,
  policy: (pattern) => ROLE.test(pattern),
  key: (pattern) => !pattern.includes('/') && isPath(pattern),
  audit: (pattern) => isPath(pattern) || isCaller(pattern),
  system: (pattern) => pattern === 'server',
};

/** Whether a text is a pattern of that area's resources. */
export function isPatternOf(area: Area, pattern: string): boolean {
  return pattern === '**' || (pattern.length <= 2048 && pattern.split('/').every(isWholeSegment) && GRAMMAR[area](pattern));
}

/** Whether a role may be bound to it: a SPIFFE id pattern, or one operator by name. */
export function isBinding(text: string): boolean {
  if (text.startsWith('operator:')) return OPERATOR.test(text) && !text.includes('*');
  return text.length <= 2048 && text.split('/').every(isWholeSegment) && SPIFFE.test(text);
}

function isPath(pattern: string): boolean {
  return pattern.length <= 512 && PATH.test(pattern);
}

function isCaller(pattern: string): boolean {
  return OPERATOR.test(pattern) || SPIFFE.test(pattern);
}

function isWholeSegment(segment: string): boolean {
  return segment === '**' || (segment !== '.' && segment !== '..' && !segment.includes('**'));
}
