import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Output {
  readonly bytes: number;
  readonly entryPoint?: string;
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
}

/** The table of commands with its texts, and what reads arguments: a few milliseconds. What a command needs comes with it. */
const MOST_BYTES = 24_000;
const root = new URL('../../../', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'));
let outputs: Readonly<Record<string, Output>>;

beforeAll(() => {
  execFileSync(process.execPath, ['tools/bundle-cli.ts', directory], { cwd: root });
  const metafile: { outputs: Record<string, Output> } = JSON.parse(readFileSync(join(directory, 'metafile.json'), 'utf8'));
  outputs = metafile.outputs;
});

afterAll(() => rmSync(directory, { recursive: true }));

/** What is really in some of the files, and not only looked at. */
function inputsOf(files: readonly Output[]): string[] {
  return files.flatMap(({ inputs }) => Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])));
}

describe('the bundle', () => {
  it('holds neither Nest, TypeORM nor the schemas, and of the packages only what reads YAML and what decides', () => {
    const inputs = inputsOf(Object.values(outputs));
    const packages = inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter((name) => name !== undefined);
    expect(inputs).toContain('apps/cli/src/main.ts');
    expect([...new Set(packages)].toSorted()).toEqual(
      ['@casl/ability', '@ucast/core', '@ucast/js', '@ucast/mongo', '@ucast/mongo2js', 'canonicalize', 'yaml'].filter((name) =>
        packages.includes(name),
      ),
    );
    expect(packages).toContain('yaml');
  });

  it('holds of the rooms only what the command may see', () => {
    const rooms = inputsOf(Object.values(outputs)).map((path) => /^libs\/([^/]+)/.exec(path)?.[1]);
    expect([...new Set(rooms.filter((room) => room !== undefined))].toSorted()).toEqual(
      ['audit', 'authz', 'contract', 'crypto', 'identity'].filter((room) => rooms.includes(room)),
    );
    expect(
      inputsOf(Object.values(outputs))
        .filter((path) => path.startsWith('libs/contract/'))
        .toSorted(),
    ).toEqual(['libs/contract/src/environment.ts', 'libs/contract/src/errors.ts']);
  });

  it('imports nothing but its own chunks and Node itself', () => {
    const imported = Object.values(outputs).flatMap(({ imports }) =>
      imports.filter(({ external }) => external === true).map(({ path }) => path),
    );
    expect(imported).toContain('node:tls');
    expect(imported.filter((path) => !path.startsWith('node:'))).toEqual([]);
  });

  it('starts with one small file that imports nothing but Node itself', () => {
    const entry = Object.values(outputs).find(({ entryPoint }) => entryPoint === 'apps/cli/src/main.ts');
    expect(entry?.bytes).toBeLessThan(MOST_BYTES);
    const needed = entry?.imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path) ?? [];
    const chunks = needed.filter((path) => !path.startsWith('node:')).map((path) => outputs[path]?.bytes ?? Infinity);
    expect(chunks.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(MOST_BYTES);
  });

  it('finds a package that should not be there', () => {
    expect(
      inputsOf([
        {
          bytes: 1,
          imports: [],
          inputs: { 'node_modules/zod/index.js': { bytesInOutput: 1 }, 'node_modules/x/y.js': { bytesInOutput: 0 } },
        },
      ]),
    ).toEqual(['node_modules/zod/index.js']);
  });
});
