import { join } from 'node:path';
import { exportedEntries } from '../support/audit-export.ts';
import { mustRun } from '../support/command.ts';
import { HOLDFAST } from '../support/server-process.ts';
import type { Scene } from './scene.ts';

/** How many accesses of each kind the benchmark was answered. */
export interface AnsweredAccesses {
  readonly reads: number;
  readonly writes: number;
}

/**
 * Exports the log, has the shipped command verify it, and counts: one entry for every value that was answered and for every write.
 * Any other number is an error, for then the figures measured something else than Holdfast.
 */
export async function requireEntries(scene: Scene, answered: AnsweredAccesses): Promise<number> {
  const { deployment, directory, auditor } = scene;
  const file = join(directory, 'export.ndjson');
  const client = deployment.workload(auditor);
  await deployment.exportLog(client, file);
  client.close();
  await mustRun(HOLDFAST, ['audit', 'verify', file, '--key', deployment.logVerifierKeyFile], { timeoutMs: 300_000 });
  const counted = { reads: 0, writes: 0, all: 0 };
  for await (const entry of exportedEntries(file)) {
    counted.all += 1;
    if (entry.action === 'secret:read' && entry.outcome === 'released') counted.reads += 1;
    if (entry.action === 'secret:write' && entry.outcome === 'done') counted.writes += 1;
  }
  requireEqual('reads', counted.reads, answered.reads);
  requireEqual('writes', counted.writes, answered.writes);
  return counted.all;
}

function requireEqual(what: string, entries: number, answered: number): void {
  if (entries !== answered) throw new Error(`${answered} ${what} were answered, but the log has ${entries} entries of them`);
}
