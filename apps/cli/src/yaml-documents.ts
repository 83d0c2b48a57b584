import { parseAllDocuments } from 'yaml';
import { Failure } from './failure.ts';

/** The documents of a YAML text, plain ones: no duplicate key, no alias, no tag of its own. `what` one of them is called. */
export function readDocuments(text: string, what: string): readonly unknown[] {
  const documents = parseAllDocuments(text, { version: '1.2', schema: 'core', uniqueKeys: true, customTags: [] });
  if (!Array.isArray(documents) || documents.length === 0) throw new Failure(`the file holds no ${what}`);
  return documents.map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    const [start] = problem?.linePos ?? [];
    if (problem !== undefined)
      throw new Failure('the file is not plain YAML', { hint: start && `line ${start.line}, column ${start.col}` });
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  });
}
