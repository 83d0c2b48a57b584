import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, findCommand } from '../../apps/cli/src/commands.ts';
import { ACTIONS } from '../../libs/authz/src/language/actions.ts';
import { PER_ADDRESS, PER_CALLER, UNPROVEN } from '../../libs/contract/src/limits.ts';
import { PROBLEMS } from '#contract';
import { KEYS, variableOf } from '../../libs/settings/src/keys.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const GUIDES = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`); // prettier-ignore
const PAGES = [...GUIDES, 'README.md', 'SECURITY.md', 'CONTRIBUTING.md'];
const text = Object.fromEntries(PAGES.map((page) => [page, read(page)]));
const all = PAGES.map((page) => text[page]).join('\n');
const [operating = '', workloads = '', auditing = '', identity = ''] = ['operating', 'workloads', 'auditing', 'identity'].map(
  (name) => text[`docs/${name}.md`],
);

/** Words of a source file that a pattern's first group finds. */
function wordsIn(file: string, pattern: RegExp): string[] {
  const found = [...read(file).matchAll(pattern)].map(([, word = '']) => word);
  if (found.length === 0) throw new Error(`nothing in ${file} is what this looks for`);
  return found;
}

const between = (file: string, start: string, end: string): string => read(file).split(start)[1]?.split(end)[0] ?? '';
const quoted = (part: string): string[] => [...part.matchAll(/'([a-z_]+)'/g)].map(([, word = '']) => word);

function keysOf(part: string): string[] {
  return [...part.matchAll(/^ {2}([a-z_]+):/gm)].map(([, key = '']) => key);
}

const findings = quoted(between('libs/audit/src/finding.ts', 'export type FindingCode =', ';'));
const defects = quoted(between('libs/identity/src/certificates/certificate-defect.ts', 'export type CertificateDefect =', ';'));
const jwtDefects = quoted(between('libs/identity/src/tokens/jwt-error.ts', 'export type JwtDefect =', ';'));
const outcomes = quoted(between('libs/audit/src/entry.ts', 'export type Outcome =', ';'));
const verifierErrors = keysOf(between('libs/audit/src/errors.ts', 'const TEXTS = {', '} as const'));
const logEvents = keysOf(between('apps/server/src/log.ts', 'const EVENTS = {', '} as const'));
const writeProblems = quoted(between('libs/storage/src/errors.ts', 'export type WriteProblem =', ';'));
const metrics = wordsIn('apps/server/src/metrics.ts', /name: '(holdfast_[a-z_]+)'/g);

/** The cells of the table whose header these are. */
function rowsUnder(page: string, ...header: string[]): string[][] {
  const lines = page.split('\n').map(cellsOf);
  const start = lines.findIndex((cells) => cells.join('|') === header.join('|'));
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((cells) => cells.length === 0);
  if (start < 0) throw new Error(`no table begins with ${header.join(', ')}`);
  return rest.slice(0, end);
}

const cellsOf = (line: string): string[] =>
  line.startsWith('|')
    ? line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim())
    : [];

describe('the guides', () => {
  it('list every problem as the contract has it, and no other', () => {
    const expected = Object.entries(PROBLEMS).map(([code, { status, title }]) => [`\`${code}\``, String(status), title]);
    expect(rowsUnder(workloads, 'code', 'status', 'title')).toEqual(expected);
  });

  it('list every setting with its variable and its default', () => {
    const expected = Object.entries(KEYS).map(([name, setting]) => [
      `\`${name}\``,
      `\`${variableOf(name)}\``,
      'fallback' in setting && setting.fallback !== undefined ? expect.any(String) : expect.stringMatching(/^none/),
    ]);
    const rows = rowsUnder(operating, 'setting', 'variable', 'default');
    expect(rows).toEqual(expected);
    expect(rows.filter(([, , fallback]) => !fallback?.startsWith('none')).map(defaultOf)).toEqual(
      rows.flatMap(([name]) => writtenDefault(name)),
    );
  });

  it('give the figures of the limits as the contract has them', () => {
    const { read, bundle, write, list, administer, costly, renew } = PER_CALLER;
    const { guess, join, look } = PER_ADDRESS;
    const limits = [read, bundle, write, list, administer, costly, renew, UNPROVEN.without, UNPROVEN.with, guess, join, look];
    const figures = limits.map(({ burst, perSecond }) => [burst.toLocaleString('en-US'), perSecond.toLocaleString('en-US')]);
    expect(rowsUnder(operating, 'what', 'at once', 'a second').map(([, ...cells]) => cells)).toEqual(figures);
  });

  it('list every action of every area', () => {
    const rows = rowsUnder(operating, 'area', 'actions', '`on`').map(([area, actions = '']) => [
      area,
      actions.match(/`[a-z-]+`/g)?.join(' '),
    ]);
    expect(rows).toEqual(Object.entries(ACTIONS).map(([area, verbs]) => [`\`${area}\``, verbs.map((verb) => `\`${verb}\``).join(' ')]));
  });

  it('explain every finding, outcome, log event, metric and defect', () => {
    const missing = (page: string, words: readonly string[]): string[] => words.filter((word) => !page.includes(`\`${word}\``));
    expect(missing(auditing, [...findings, ...outcomes])).toEqual([]);
    expect(missing(identity, defects)).toEqual([]);
    expect(missing(identity, jwtDefects)).toEqual([]);
    expect(missing(operating, [...logEvents, ...metrics, ...writeProblems])).toEqual([]);
    expect([findings, outcomes, logEvents, defects, jwtDefects].map((words) => words.length > 4)).toEqual([true, true, true, true, true]);
  });

  it('name no code that is not there', () => {
    const known = new Set([
      ...Object.keys(PROBLEMS),
      ...findings,
      ...outcomes,
      ...defects,
      ...jwtDefects,
      ...verifierErrors,
      ...logEvents,
      ...metrics,
      ...writeProblems,
      // What a count without a name has.
      'too_many_refusals',
      'node_modules',
    ]);
    const named = [operating, workloads, auditing, identity].flatMap((page) =>
      [...page.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, word = '']) => word),
    );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((word) => !known.has(word))).toEqual([]);
  });

  it('name no variable that is not there', () => {
    const client = between('libs/settings/src/load-settings.ts', 'const CLIENT_VARIABLES = [', ']').match(/HOLDFAST_[A-Z_]+/g) ?? [];
    const known = new Set([...Object.keys(KEYS).map(variableOf), ...client, 'HOLDFAST_']);
    expect((all.match(/\bHOLDFAST_[A-Z_]*/g) ?? []).filter((name) => !known.has(name))).toEqual([]);
  });

  it('name every command, and none that is not there', () => {
    const called = [...all.matchAll(/(?:`|^|\$ |-- |[=|(]\s*)holdfast ([a-z](?:[a-z-]+ ?)+)/gm)].map(([, words = '']) =>
      words.trim().split(' '),
    );
    expect(called.filter((words) => findCommand(words) === undefined)).toEqual([]);
    const named = new Set(called.map((words) => findCommand(words)?.name));
    expect(Object.keys(COMMANDS).filter((name) => !named.has(name) && !all.includes(`\`${name}`))).toEqual([]);
  });

  it.each(PAGES)('%s links only to what is there', (page) => {
    const links = [...(text[page] ?? '').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !resolves(page, target))).toEqual([]);
  });
});

const defaultOf = ([, , fallback = '']: string[]): string => fallback.replaceAll('`', '');

/** The default as the reference file of the settings writes it, which a test of the room holds to the code. */
function writtenDefault(cell = ''): string[] {
  const variable = variableOf(cell.replaceAll('`', ''));
  const line = read('config/server.full.yaml').split('\n').find((candidate) => candidate.endsWith(`# ${variable}`)) ?? ''; // prettier-ignore
  const value = /: (.+) # HOLDFAST/.exec(line)?.[1];
  return value === undefined || variable === 'HOLDFAST_TRUST_DOMAIN' ? [] : [value.replaceAll(/[[\]' ]/g, '')];
}

function resolves(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || headingsOf(read(file)).includes(anchor);
}

/** Headings as the anchors that Markdown viewers make of them. */
const headingsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase().replaceAll(/[^a-z0-9 _-]/g, '').replaceAll(' ', '-')); // prettier-ignore
