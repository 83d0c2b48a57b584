import type { Role, Rule } from '#authz';

/**
 * What a change of a role adds (`+ `) and takes away (`- `), a line for each rule, binding and other field, as a person reads it. The order
 * of rules means nothing, so it makes no difference here either. Undefined stands for a role that is not there.
 */
export function roleDiff(before: Role | undefined, after: Role | undefined): string[] {
  const [old, young] = [linesOf(before), linesOf(after)];
  const without = (some: Set<string>, others: Set<string>): string[] => [...some].filter((line) => !others.has(line));
  return [...without(old, young).map((line) => `- ${line}`), ...without(young, old).map((line) => `+ ${line}`)];
}

/** What a role has beside what it says. */
const NOTES = new Set(['role', 'rules', 'bind', 'version', 'updatedAt', 'updatedBy', 'reason']);

function linesOf(role: Role | undefined): Set<string> {
  if (role === undefined) return new Set();
  const more = Object.entries(role).filter(([name, value]) => !NOTES.has(name) && value !== undefined);
  return new Set([
    ...more.map(([name, value]) => `${name} ${written(value)}`),
    ...role.rules.map(ruleLine),
    ...role.bind.map((binding) => `bind ${binding}`),
  ]);
}

function ruleLine({ allow, deny, on, ...rest }: Rule): string {
  const head = allow === undefined ? `deny ${written(deny)}` : `allow ${written(allow)}`;
  const more = Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [` ${name} ${written(value)}`]));
  return [head, ` on ${on}`, ...more.toSorted()].join('');
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
