import { execFileSync } from 'node:child_process';
import { parseEnv } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContractError } from './errors.ts';
import { environmentName, environmentOf, formatEnvironment } from './environment.ts';

const value = fc.string({
  unit: fc.constantFrom('a', 'n', ' ', "'", '"', '`', '$', '(', ')', '{', '}', '\\', '\n', '\r', '#', '=', '!', '\u{1f511}', '\t'),
});

describe('environmentName', () => {
  it.each([
    ['payments/prod/db', 'password', 'DB_PASSWORD'],
    ['payments/prod/api-key', 'value', 'API_KEY'],
    ['payments/tls', 'tls.key', 'TLS_TLS_KEY'],
    ['payments/2fa', 'seed', '_2FA_SEED'],
  ])('makes of %s and %s the variable %s', (path, field, name) => {
    expect(environmentName(path, field)).toBe(name);
  });
});

describe('environmentOf', () => {
  it('takes each field of each secret', () => {
    const variables = environmentOf([
      { path: 'a/db', data: { user: 'u', password: 'p' } },
      { path: 'a/key', data: { value: 'k' } },
    ]);
    expect(Object.fromEntries(variables)).toEqual({ DB_USER: 'u', DB_PASSWORD: 'p', KEY: 'k' });
  });

  it('refuses two fields for one variable', () => {
    const sources = [
      { path: 'a/db', data: { password: '1' } },
      { path: 'b/db', data: { password: '2' } },
    ];
    expect(() => environmentOf(sources)).toThrow(expect.objectContaining({ code: 'ambiguous_name', hint: 'the variable DB_PASSWORD' }));
  });

  it.each([
    'a/ld-preload',
    'a/path',
    'a/node-options',
    'a/bash-env',
    'a/home',
    'a/https-proxy',
    'a/pythonpath',
    'a/holdfast-token',
    'a/git-ssh-command',
  ])('refuses the variable that %s would become', (path) => {
    expect(() => environmentOf([{ path, data: { value: 'x' } }])).toThrow(expect.objectContaining({ code: 'dangerous_name' }));
  });

  it('refuses a NUL, which would end the value early', () => {
    expect(() => environmentOf([{ path: 'a/b', data: { value: 'x\0y' } }])).toThrow(
      expect.objectContaining({ code: 'unrepresentable_value' }),
    );
  });
});

describe('formatEnvironment', () => {
  it('comes back exactly as it was through a dotenv reader, or is refused', () => {
    let refused = 0;
    fc.assert(
      fc.property(value, value, (first, second) => {
        try {
          const text = formatEnvironment(new Map([['A', first], ['B', second]]), 'dotenv'); // prettier-ignore
          expect({ ...parseEnv(text) }).toEqual({ A: first, B: second });
        } catch (error) {
          if (!(error instanceof ContractError && error.code === 'unrepresentable_value')) throw error;
          refused++;
        }
      }),
      { numRuns: 2_000 },
    );
    expect(refused).toBeLessThan(1_800);
  });

  it('comes back exactly as it was through a POSIX shell', () => {
    const values = fc.sample(value, 200);
    const variables = new Map(values.map((text, at) => [`V${at}`, text]));
    const script = `${formatEnvironment(variables, 'shell')}${values.map((_, at) => `printf '%s\\0' "$V${at}"`).join('\n')}`;
    const output = execFileSync('/bin/sh', { input: script, encoding: 'utf8' });
    expect(output.split('\0').slice(0, -1)).toEqual(values);
  });
});
