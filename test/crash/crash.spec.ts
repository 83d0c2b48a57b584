import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { HOLDFAST } from '../support/server-process.ts';
import { type CrashRun, crashRun } from './crash-run.ts';
import { judge } from './judge.ts';
import { countInFlight } from './outcomes.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';

const PLAN = { kills: 25, operations: 10_000, seed: Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000) };
const MINUTES = 60_000;

describe(`a server killed ${PLAN.kills} times in ${PLAN.operations} operations (CRASH_SEED=${PLAN.seed})`, () => {
  let directory: string;
  let run: CrashRun;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-crash-'));
    run = await crashRun(directory, PLAN);
  }, 8 * MINUTES);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('was hit with operations and changes in flight', () => {
    const inFlight = countInFlight(run.ledger);
    console.log(`crash: seed ${PLAN.seed}, ${PLAN.kills} kills, ${run.ledger.length} operations, ${inFlight.all} in flight at a kill`);
    expect(run.restarts).toHaveLength(PLAN.kills);
    expect(inFlight.all).toBeGreaterThan(0);
    expect(inFlight.changes).toBeGreaterThan(0);
  });

  it.each(Object.entries(PLANTED_BUGS))('is judged by a verdict that finds when %s', (_, { finds, plant }) => {
    const without = new Set(judge(run.ledger, run.found));
    const planted = plant(run);
    const added = judge(planted.ledger, planted.found).filter((violation) => !without.has(violation));
    expect(added).toContainEqual(expect.stringMatching(new RegExp(`^${finds}`)));
  });

  it('lost nothing that it acknowledged and left nothing unaudited', () => {
    expect(judge(run.ledger, run.found)).toEqual([]);
  });

  it('left a log that verifies, and that no longer does with an entry dropped', async () => {
    const lines = (await readFile(run.exportFile, 'utf8')).split('\n');
    const cut = join(directory, 'cut.ndjson');
    await writeFile(cut, lines.toSpliced(lines.length >> 1, 1).join('\n'));
    expect((await verify(cut, run.verifierKeyFile)).code).not.toBe(0);
    expect(await verify(run.exportFile, run.verifierKeyFile)).toMatchObject({ code: 0 });
  });

  it('was serving again within 10 s of every start, without repair', () => {
    expect(Math.max(...run.restarts)).toBeLessThan(10_000);
  });
});

function verify(file: string, key: string) {
  return runCommand(HOLDFAST, ['audit', 'verify', file, '--key', key]);
}
