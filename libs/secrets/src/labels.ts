import { AuthzError, isPlain, isPlainName, type Labels, type May } from '#authz';
import { SecretsError } from './errors.ts';

/** Names and values of 1 to 63 of `A-Z a-z 0-9 . _ -`, at most 64 of them. */
export type { Labels } from '#authz';

const MOST_LABELS = 64;
const MOST_CHARACTERS = 63;

/** @throws SecretsError `invalid_data` */
export function parseLabels(labels: Labels): Labels {
  const entries = Object.entries(labels);
  if (entries.length > MOST_LABELS) throw new SecretsError('invalid_data', `more than ${MOST_LABELS} labels`);
  if (!entries.every(([name, value]) => isPlainName(name, MOST_CHARACTERS) && isPlain(value, MOST_CHARACTERS))) {
    throw new SecretsError('invalid_data', `a label's name and value are 1 to ${MOST_CHARACTERS} of A-Z a-z 0-9 . _ -`);
  }
  return labels;
}

/** What labels have to be: each of `name=value,name=value`. */
export function parseSelector(selector: string): (labels: Labels) => boolean {
  const wanted = selector.split(',').map((label) => {
    const end = label.indexOf('=');
    return [label.slice(0, Math.max(end, 0)), label.slice(end + 1)] as const;
  });
  return (labels) => wanted.every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
}

/**
 * Labels decide who reads: who changes them has to be allowed to on the secret as it was, if it was there, and as it will be.
 *
 * @throws AuthzError `denied`
 */
export function checkRelabelling(may: May, path: string, before: Labels | undefined, after: Labels): void {
  const labels = before === undefined ? [after] : [before, after];
  if (!labels.every((labels) => may('secret:label', path, labels))) throw new AuthzError('denied');
}
