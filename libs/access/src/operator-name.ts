import { AccessError } from './errors.ts';

/** Lower-case ASCII only, so that no two spellings mean one operator. */
const NAME = /^[a-z][a-z0-9._@-]{0,63}$/;

export function checkOperatorName(name: string): void {
  if (!NAME.test(name)) throw new AccessError('invalid_name');
}

/**
 * An operator as rules and entries write it. What can't be a name is not written into the log, which keeps everything: people type
 * their passwords into the wrong field.
 */
export function operatorResource(name: string): string {
  return NAME.test(name) ? `operator:${name}` : 'operator:?';
}
