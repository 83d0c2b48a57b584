import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseRole } from '#authz';

const directory = new URL('../../config/policies/', import.meta.url);

describe('the policy examples', () => {
  it.each(readdirSync(directory))('%s holds roles that would be accepted', (file) => {
    const documents = parseAllDocuments(readFileSync(new URL(file, directory), 'utf8'));
    expect(documents.length).toBeGreaterThan(0);
    expect(() => documents.map((document) => parseRole(document.toJS()))).not.toThrow();
  });
});
