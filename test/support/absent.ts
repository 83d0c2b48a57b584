import type { TestContext } from 'vitest';

/** Skips a test for what this machine does not have, out loud. Root in CI has it: there its absence is a failure. */
export function skipFor(reason: string, { skip, task }: Pick<TestContext, 'skip' | 'task'>): never {
  if (process.env.CI === 'true' && process.getuid?.() === 0) throw new Error(`CI=true wants this test run: ${reason}`);
  console.warn(`\n  SKIPPED: ${task.name}: ${reason}\n`);
  return skip(reason);
}
