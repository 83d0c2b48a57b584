import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Circumstances } from '#authz';
import { Failure } from './failure.ts';

/** What somebody is expected to be allowed or denied: one line of a test, for one caller, action and resource. */
export interface Expectation {
  readonly line: number;
  readonly effect: 'allow' | 'deny';
  readonly action: string;
  readonly on: string;
  readonly caller: string;
  readonly circumstances: Circumstances;
}

/** A file of expectations. */
export interface RoleTest {
  /** Files of roles, relative to this one. */
  readonly roles: readonly string[];
  /** Who is in which group. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly expectations: readonly Expectation[];
}

/** Reads the YAML of a test. Each expectation reads as a rule does: `allow` or `deny`, `on`, and `for` whom. @throws Failure */
export function parseRoleTest(text: string): RoleTest {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: true, customTags: [], lineCounter });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw new Failure('the test is not plain YAML', { hint: `line ${problem.linePos?.[0].line ?? 1}` });
  const test = fieldsOf(document.toJS({ maxAliasCount: 0 }), 'the test', ['roles', 'groups', 'expect']);
  const lineOf = (index: number): number => {
    const node = document.getIn(['expect', index], true);
    return isNode(node) ? lineCounter.linePos(node.range?.[0] ?? 0).line : 0;
  };
  const groups = Object.entries(fieldsOf(test['groups'] ?? {}, 'groups')).map(([group, names]) => [
    group,
    textsOf(names, `groups.${group}`),
  ]);
  return {
    roles: textsOf(test['roles'], 'roles'),
    groups: Object.fromEntries(groups),
    expectations: listOf(test['expect'], 'expect').flatMap((each, index) => expectationsOf(each, lineOf(index))),
  };
}

function expectationsOf(value: unknown, line: number): Expectation[] {
  const each = fieldsOf(value, `line ${line}`, ['allow', 'deny', 'on', 'for', 'when']);
  if ((each['allow'] === undefined) === (each['deny'] === undefined)) fail(`line ${line}: it has either allow or deny`);
  const effect = each['allow'] === undefined ? 'deny' : 'allow';
  const circumstances = circumstancesOf(each['when'] ?? {}, `line ${line}: when`);
  const [actions, resources, callers] = [each[effect], each['on'], each['for']].map((some) => textsOf(some, `line ${line}`));
  return (callers ?? []).flatMap((caller) =>
    (actions ?? []).flatMap((action) => (resources ?? []).map((on) => ({ line, effect, action, on, caller, circumstances }) as const)),
  );
}

/** In the words of a rule's conditions, with the value that there is in place of those that would do. */
function circumstancesOf(value: unknown, place: string): Circumstances {
  const given = Object.entries(fieldsOf(value, place));
  const labels = given.flatMap(([name, value]) => (name.startsWith('label.') ? [[name.slice('label.'.length), textOf(value, place)]] : []));
  const { from, time, method, factors, approved, ...unknown } = Object.fromEntries(given.filter(([name]) => !name.startsWith('label.')));
  if (Object.keys(unknown).length > 0) fail(`${place}: there are from, time, method, factors, approved and label.NAME`);
  return {
    labels: Object.fromEntries(labels),
    ...(from !== undefined && { from: textOf(from, place) }),
    ...(time !== undefined && { time: textOf(time, place) }),
    ...(method !== undefined && { method: oneOf(method, place, ['certificate', 'session', 'oidc']) }),
    ...(factors !== undefined && { factors: oneOf(factors, place, [1, 2]) }),
    ...(approved !== undefined && { approved: oneOf(approved, place, [true, false]) }),
  };
}

function oneOf<const T>(value: unknown, place: string, known: readonly T[]): T {
  return known.find((each) => each === value) ?? fail(`${place}: there are ${known.join(', ')}`);
}

function textOf(value: unknown, place: string): string {
  return typeof value === 'string' ? value : fail(`${place}: something is no text`);
}

function fieldsOf(value: unknown, place: string, known?: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`${place}: it is an object`);
  const unknown = known && Object.keys(value).some((key) => !known.includes(key));
  if (unknown) fail(`${place}: there are ${known.join(', ')}`);
  return { ...value };
}

function listOf(value: unknown, place: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(`${place}: it is a list`);
}

/** One text, or several. */
function textsOf(value: unknown, place: string): string[] {
  const list = typeof value === 'string' ? [value] : listOf(value, place);
  if (list.length === 0) fail(`${place}: something is left empty`);
  return list.map((each) => textOf(each, place));
}

function fail(hint: string): never {
  throw new Failure('the test can not be read', { hint });
}
