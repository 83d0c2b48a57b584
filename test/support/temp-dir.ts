import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory (0700) of the running test's own, gone when the test is over. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
