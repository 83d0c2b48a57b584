import { AccessError } from '../errors.ts';

/** Lower-case ASCII only, so that no two spellings mean one operator, or one group. */
const NAME = /^[a-z][a-z0-9._@-]{0,63}$/;
const MOST_GROUPS = 64;

/** Whether a text can be an operator's name. */
export function isOperatorName(text: string): boolean {
  return NAME.test(text);
}

/** @throws AccessError `invalid_name` */
export function checkOperatorName(name: string): void {
  if (!NAME.test(name)) throw new AccessError('invalid_name');
}

/** Groups as a record has them: each once, in order. @throws AccessError `invalid_name`, also for too many */
export function checkGroups(groups: readonly string[]): readonly string[] {
  groups.forEach(checkOperatorName);
  if (groups.length > MOST_GROUPS) throw new AccessError('invalid_name', `an operator is in at most ${MOST_GROUPS} groups`);
  return [...new Set(groups)].toSorted();
}

/**
 * An operator as rules and entries write it. What can't be a name is not written into the log, which keeps everything: people type
 * their passwords into the wrong field.
 */
export function operatorResource(name: string): string {
  return NAME.test(name) ? `operator:${name}` : 'operator:?';
}
