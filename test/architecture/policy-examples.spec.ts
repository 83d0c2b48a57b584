import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, parseDocument } from 'yaml';
import { parseRole, type Role } from '#authz';

const directory = new URL('../../config/policies/', import.meta.url);
const guide = readFileSync(new URL('../../docs/roles.md', import.meta.url), 'utf8');
const language = guide.split('\n## The language\n')[1]?.split('\n## ')[0] ?? '';
const examples = [...language.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

describe('the policy examples', () => {
  it.each(readdirSync(directory))('%s holds roles that would be accepted', (file) => {
    const documents = parseAllDocuments(readFileSync(new URL(file, directory), 'utf8'));
    expect(documents.length).toBeGreaterThan(0);
    expect(() => documents.map((document) => parseRole(document.toJS()))).not.toThrow();
  });
});

describe('the guide to roles', () => {
  it.each(examples)('shows roles that would be accepted %#', (text) => {
    const written: unknown = parseDocument(text).toJS();
    expect(parseRole(written)).toEqual(written);
  });

  it('shows every construct of the language', () => {
    const roles = examples.map((text) => parseRole(parseDocument(text).toJS()));
    const rules = roles.flatMap((role) => role.rules);
    const words = (of: readonly object[]) => new Set(of.flatMap((each) => Object.keys(each)));
    expect(words(roles)).toEqual(new Set(['role', 'extends', 'rules', 'bind', 'everyone'] satisfies (keyof Role)[]));
    expect(words(rules)).toEqual(new Set(['allow', 'deny', 'on', 'fields', 'when', 'until']));
    expect(words(rules.flatMap(({ when = {} }) => when))).toEqual(new Set(['label.tier', 'from', 'time', 'method', 'factors', 'approved']));
    const bound = new Set(roles.flatMap(({ bind }) => bind.map((binding) => binding.split(':')[0])));
    expect(bound).toEqual(new Set(['spiffe', 'operator', 'group']));
  });
});
