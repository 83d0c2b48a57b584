import { parseRule } from './parse-rule.ts';
import { isBinding, isForEveryone, isRoleName } from './resource-grammar.ts';
import { fail, list, record, texts } from './role-input.ts';
import type { Role, Rule } from './role.ts';
import { checkUseful } from './useless-rules.ts';

/** Of rules, and of bindings. */
const MOST = 1_000;

/**
 * A role from untrusted input, strictly: unknown fields, other spellings of a name and actions of two areas in one rule are refused, and
 * so are rules that say nothing, and bindings to everyone without `everyone: true`.
 *
 * @throws AuthzError `invalid_role`; its hint names the place, and the names that there are where one is not known.
 */
export function parseRole(value: unknown): Role {
  const role = record(value, 'role', ['role', 'extends', 'rules', 'bind', 'everyone']);
  const name = parseName(role['role']);
  const rules = list(role['rules'], 'rules', MOST).map((rule, index) => parseRule(rule, `rules[${index}]`));
  checkUseful(rules);
  const bind = list(role['bind'] ?? [], 'bind', MOST).map((binding, index) => parseBinding(binding, `bind[${index}]`));
  const parents = role['extends'] === undefined ? [] : texts(role['extends'], 'extends', isRoleName, 'the name of a role');
  if (parents.includes(name)) fail('extends', 'no role extends itself');
  const everyone = parseEveryone(role['everyone'], { rules, bind, parents });
  return { role: name, ...(parents.length > 0 ? { extends: parents } : {}), rules, bind, ...(everyone ? { everyone } : {}) };
}

/** Only lower-case ASCII, so that no name looks like another one. @throws AuthzError `invalid_role` */
function parseName(value: unknown): string {
  if (typeof value !== 'string' || !isRoleName(value)) {
    fail('role', 'a name is a letter and up to 63 of a-z, 0-9 and -, and none that is reserved');
  }
  return value;
}

function parseBinding(value: unknown, place: string): string {
  if (typeof value !== 'string' || !isBinding(value)) fail(place, 'not a spiffe://… pattern, operator:NAME or group:NAME');
  return value;
}

/** What allows something to every workload that there is, or to all of a trust domain, says so; what does not, does not. */
function parseEveryone(value: unknown, { rules, bind, parents }: { rules: Rule[]; bind: string[]; parents: readonly string[] }) {
  if (value !== undefined && value !== true) fail('everyone', 'not true');
  const place = bind.findIndex(isForEveryone);
  if (value === true && place < 0) fail('everyone', 'no binding is for everyone');
  const allows = parents.length > 0 || rules.some(({ allow }) => allow !== undefined);
  if (value !== true && place >= 0 && allows) fail(`bind[${place}]`, 'it is for everyone; a role that means it says everyone: true');
  return value;
}
