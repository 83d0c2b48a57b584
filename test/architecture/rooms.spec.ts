import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');

/** The names of the rules that a tree breaks. */
function brokenRules(tree: string): string[] {
  const args = [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'apps', 'libs'];
  const json = execFileSync(process.execPath, args, { cwd: tree, encoding: 'utf8', maxBuffer: 64 << 20 });
  const report: { summary: { violations: { rule: { name: string } }[] } } = JSON.parse(json);
  return [...new Set(report.summary.violations.map((violation) => violation.rule.name))].toSorted();
}

/** A small tree with the given files beside the real rules. */
function treeWith(files: Record<string, string>): string {
  const tree = mkdtempSync(join(tmpdir(), 'holdfast-rooms-'));
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) cpSync(join(root, name), join(tree, name));
  const base = { 'libs/crypto/src/index.ts': '', 'libs/identity/src/index.ts': '', 'apps/cli/src/main.ts': '' };
  for (const [path, text] of Object.entries({ ...base, ...files })) {
    mkdirSync(join(tree, path, '..'), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  trees.push(tree);
  return tree;
}

const trees: string[] = [];
afterAll(() => trees.forEach((tree) => rmSync(tree, { recursive: true })));

describe('the rules of the rooms', () => {
  it('hold in this tree', () => {
    expect(brokenRules(root)).toEqual([]);
  });

  it('find a room that imports to its right', () => {
    const tree = treeWith({ 'libs/crypto/src/aead.ts': "import '../../identity/src/index.ts';\n" });
    expect(brokenRules(tree)).toEqual(['crypto-imports']);
  });

  it('find an import past a door', () => {
    const tree = treeWith({
      'libs/crypto/src/aead.ts': 'export const a = 1;\n',
      'libs/identity/src/certificates/spiffe-id.ts': "import '../../../crypto/src/aead.ts';\n",
    });
    expect(brokenRules(tree)).toEqual(['identity-imports']);
  });

  it('find a cycle', () => {
    const tree = treeWith({ 'libs/crypto/src/a.ts': "import './b.ts';\n", 'libs/crypto/src/b.ts': "import './a.ts';\n" });
    expect(brokenRules(tree)).toEqual(['no-cycles']);
  });

  it('find the command looking past what it may see', () => {
    const tree = treeWith({ 'apps/cli/src/main.ts': "import '../../../libs/identity/src/index.ts';\n" });
    expect(brokenRules(tree)).toEqual(['cli-sees-contract-audit-and-authz']);
  });

  it('find a room that is not in the table', () => {
    const tree = treeWith({ 'libs/utils/src/index.ts': "import '../../crypto/src/index.ts';\n" });
    expect(brokenRules(tree)).toEqual(['every-room-is-in-the-table']);
  });
});
