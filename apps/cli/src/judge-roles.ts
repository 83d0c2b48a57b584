import { askAbout, AuthzError, parseRoles, RuleBook, type Explanation } from '#authz';
import { Failure } from './failure.ts';
import type { Expectation, RoleTest } from './role-test.ts';

/** An expectation, and what the roles decide. */
export interface Judged {
  readonly expectation: Expectation;
  readonly met: boolean;
  readonly explanation: Explanation;
}

/** Holds roles to what is expected of them, by the engine of the server. @throws Failure for what is no role, or no expectation */
export function judgeRoles(roles: readonly unknown[], { groups, expectations }: RoleTest): readonly Judged[] {
  const groupsOf = (operator: string): string[] => Object.keys(groups).filter((group) => groups[group]?.includes(operator));
  const book = new RuleBook(
    orFail('the roles', () => parseRoles(roles)),
    groupsOf,
  );
  return expectations.map((expectation) => {
    const { line, effect, on, ...question } = expectation;
    const explanation = book.explain(orFail(`line ${line}`, () => askAbout({ ...question, resource: on }, Date.now())));
    return { expectation, met: explanation.allowed === (effect === 'allow'), explanation };
  });
}

/** What the engine refuses, with the place that it is at. */
function orFail<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AuthzError) throw new Failure(`${place}: ${error.message}`, { hint: error.hint });
    throw error;
  }
}
