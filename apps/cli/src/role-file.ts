import type { RequestOf } from '#contract';
import { stringify } from 'yaml';
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

/** What is written of a role; whatever else it says goes along. */
interface WrittenRole {
  readonly role: string;
  readonly rules: readonly object[];
  readonly bind: readonly string[];
}

/** In the order that a person writes them; what is not named here comes between `role` and `rules`. */
const ORDER = ['allow', 'deny', 'on', 'fields', 'when', 'until'];
/** What the server adds to a role. */
const NOTES = new Set(['role', 'rules', 'bind', 'version', 'updatedAt', 'updatedBy', 'reason']);

/** Roles as a YAML text, one a document: equal roles give equal bytes, and `parseRoles` reads it back. */
export function formatRoles(roles: readonly WrittenRole[]): string {
  return roles.map(formatRole).join('---\n');
}

function formatRole(stored: WrittenRole): string {
  const more = Object.entries(stored).filter(([name]) => !NOTES.has(name));
  const rules = stored.rules.map((rule) =>
    Object.fromEntries(Object.entries(rule).toSorted(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b))),
  );
  const role = { role: stored.role, ...Object.fromEntries(more.toSorted(([a], [b]) => (a < b ? -1 : 1))), rules, bind: stored.bind };
  return stringify(role, { version: '1.2', schema: 'core', lineWidth: 0, aliasDuplicateObjects: false });
}
