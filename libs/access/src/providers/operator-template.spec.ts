import { assert, property, string, constantFrom, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOperatorName } from '../operators/operator-name.ts';
import { OperatorTemplate } from './operator-template.ts';

describe('the template of a name', () => {
  it.each([
    ['{preferred_username}', 'olga', 'olga'],
    ['corp-{sub}', '00u1x', 'corp-00u1x'],
    ['{preferred_username}@corp', 'olga.k', 'olga.k@corp'],
    ['{email}', 'olga.k@acme.example', 'olga.k@acme.example'],
    ['x{oid}', '7d4f', 'x7d4f'],
  ])('%s makes of %s the operator %s', (template, value, name) => {
    expect(new OperatorTemplate(template).nameOf(value)).toBe(name);
    expect(new OperatorTemplate(template).canMake(name)).toBe(true);
  });

  it.each([
    [
      '',
      'operator',
      '{}',
      '{a}{b}',
      '{a}-{b}',
      'Corp-{sub}',
      '{sub}/x',
      '-{sub}',
      '1{sub}',
      '{sub',
      '{a.b}',
      '{{sub}}',
      `${'x'.repeat(70)}{sub}`,
    ],
  ])('is none where it is %j', (...texts) => {
    for (const text of texts) expect(() => new OperatorTemplate(text)).toThrow(expect.objectContaining({ code: 'invalid_provider' }));
  });

  it.each([
    [
      '{sub}',
      [
        'Olga',
        'OLGA',
        ' olga',
        'olga ',
        '\u043elga',
        'olga\u200b',
        'ol\u0131ga',
        '\u212aarl',
        '',
        'a b',
        'a/b',
        'a:b',
        '.a',
        'a.',
        '-a',
        '@a',
        'a@',
        'a@b@c',
        '(first)',
        'x'.repeat(65),
      ],
    ],
    ['{preferred_username}@corp', ['olga@evil', 'admin@evil@x', '@']],
    ['corp-{sub}', ['../x', 'x corp-y', 'x{sub}', '$1', '$&', '']],
  ])('B4: %s takes a value as it is or not at all', (template, values) => {
    for (const value of values) expect(new OperatorTemplate(template).nameOf(value)).toBeUndefined();
    for (const value of [undefined, null, 7, true, ['olga'], { toString: () => 'olga' }])
      expect(new OperatorTemplate(template).nameOf(value)).toBeUndefined();
  });

  it('never makes a name that it says it can not make, nor two of one value', () => {
    const templates = ['{a}', 'corp-{a}', '{a}@corp', 'x.{a}-y'].map((text) => new OperatorTemplate(text));
    assert(
      property(
        constantFrom(...templates),
        constantFrom(...templates),
        string({ unit: constantFrom(...'abz09._@-A \u0430') }),
        (one, other, value) => {
          const name = one.nameOf(value);
          if (name === undefined) return;
          expect(isOperatorName(name)).toBe(true);
          expect(name).toContain(value);
          expect(one.canMake(name)).toBe(true);
          // What another template would not make, this one's name can't be taken for.
          if (!other.canMake(name)) expect(other.nameOf(value)).not.toBe(name);
        },
      ),
    );
    assert(
      property(constantFrom(...templates), tuple(string(), string()), (template, [one, other]) => {
        const [a, b] = [template.nameOf(one), template.nameOf(other)];
        if (a !== undefined && a === b) expect(one).toBe(other);
      }),
    );
  });
});
