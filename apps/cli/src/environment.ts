import process from 'node:process';

/** All that the command was started with: the only place that reads it. The settings room is the server's, and the command may not see it. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}

/** A variable of the environment. One that is set to nothing counts as not set. */
export function variable(name: string): string | undefined {
  const value = environment()[name];
  return value === '' ? undefined : value;
}
