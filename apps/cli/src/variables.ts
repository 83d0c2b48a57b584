import { ContractError } from '#contract';
import { Failure } from './failure.ts';

/** Runs what names or writes environment variables; what does not fit is a failure of the command. */
export function fittingEnvironment<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ContractError) throw new Failure(`${error.code}: ${error.message}`, { hint: error.hint });
    throw error;
  }
}
