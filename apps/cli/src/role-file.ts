import type { RequestOf } from '#contract';
import { Failure } from './failure.ts';
import { readDocuments } from './yaml-documents.ts';

/** The roles of a YAML text, one a document. What a role may say is the server's to check. */
export function parseRoles(text: string): RequestOf<'applyRole'>[] {
  return readDocuments(text, 'role').map(roleOf);
}

function roleOf(value: unknown): RequestOf<'applyRole'> {
  if (isNamed(value)) return value;
  throw new Failure('a role has a name', { hint: 'role: NAME' });
}

/** All that the command needs of it. */
function isNamed(value: unknown): value is RequestOf<'applyRole'> {
  return typeof value === 'object' && value !== null && 'role' in value && typeof value.role === 'string';
}
