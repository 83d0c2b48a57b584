import { environmentOf } from '#contract';
import { type FetchedSecret, mappedSecret, type Mapping, unmappedSecrets } from './bundle.ts';
import { Failure, usageFailure } from './failure.ts';
import { fittingEnvironment } from './variables.ts';

/**
 * The variables for a command. Names made from paths and fields are refused where they would change how programs run
 * (`LD_PRELOAD`, `PATH`); a mapping is someone's explicit word, and may.
 */
export function environmentFrom(
  secrets: readonly FetchedSecret[],
  mappings: readonly Mapping[],
  paths: readonly string[],
): Record<string, string> {
  const variables = fittingEnvironment(() => environmentOf(unmappedSecrets(secrets, mappings, paths)));
  const mapped = new Set<string>();
  for (const mapping of mappings) {
    if (mapped.has(mapping.name)) throw usageFailure(`${mapping.name} is mapped twice`);
    mapped.add(mapping.name);
    const { value } = mappedSecret(secrets, mapping);
    if (value.includes('\0')) throw new Failure(`${mapping.name} would hold a NUL`, { hint: 'hand it over in a file, with --files' });
    variables.set(mapping.name, value);
  }
  return Object.fromEntries(variables);
}
