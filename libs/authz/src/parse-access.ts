import { areaOf, isAction, type Action } from './actions.ts';
import { AuthzError } from './errors.ts';
import { formOf, isPatternOf } from './resource-grammar.ts';

/**
 * What somebody asks about, from untrusted input: an action, and one resource of its area, or all of it or below something (`**` at the end)
 * as lists are recorded.
 *
 * @throws AuthzError `invalid_question`
 */
export function parseAccess(action: string, resource: string): { readonly action: Action; readonly resource: string } {
  if (!isAction(action)) throw new AuthzError('invalid_question', 'the action is none; it is written secret:read');
  const area = areaOf(action);
  const isOne = !resource.replace(/(^|\/)\*\*$/, '').includes('*');
  if (!isOne || !isPatternOf(area, resource)) throw new AuthzError('invalid_question', `actions of ${area} are on ${formOf(area)}`);
  return { action, resource };
}
