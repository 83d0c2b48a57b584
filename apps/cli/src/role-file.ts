import { parseAllDocuments } from 'yaml';
import type { RequestOf } from '#contract';
import { Failure } from './failure.ts';

/** The roles of a YAML text, one a document. What a role may say is the server's to check. */
export function parseRoles(text: string): RequestOf<'applyRole'>[] {
  const documents = parseAllDocuments(text, { version: '1.2', schema: 'core', uniqueKeys: true, customTags: [] });
  if (!Array.isArray(documents) || documents.length === 0) throw new Failure('the file holds no role');
  return documents.map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    const [start] = problem?.linePos ?? [];
    if (problem !== undefined)
      throw new Failure('the file is not plain YAML', { hint: start && `line ${start.line}, column ${start.col}` });
    return roleOf(document.toJS({ maxAliasCount: 0 }));
  });
}

function roleOf(value: unknown): RequestOf<'applyRole'> {
  if (isNamed(value)) return value;
  throw new Failure('a role has a name', { hint: 'role: NAME' });
}

/** All that the command needs of it. */
function isNamed(value: unknown): value is RequestOf<'applyRole'> {
  return typeof value === 'object' && value !== null && 'role' in value && typeof value.role === 'string';
}
