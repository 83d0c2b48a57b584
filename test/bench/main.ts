/**
 * `npm run bench` (`-- --full` for the large one): Holdfast as shipped against bare `node:https` that answers the same bytes, in turn
 * and in one run. Prints a table, writes bench/results.json, and exits with 1 when a figure is below its bar.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requireEntries } from './audit-count.ts';
import { timeCli } from './cli-start.ts';
import { type Duel, type Exchange, duel } from './duel.ts';
import { idleMemory } from './idle-memory.ts';
import { timeLists } from './list-names.ts';
import { PATHS } from './exchanges.ts';
import {
  CLI_BARS,
  COLD_GENERATORS,
  CROWDED,
  CROWDED_BAR,
  DUEL_BARS,
  DUELS,
  type DuelName,
  IDENTITIES,
  IDLE_BAR_MIB,
  LIST_BAR_MS,
  type Plan,
  planFor,
} from './plan.ts';
import { BenchProcess } from './processes.ts';
import { type Row, costRow, crowdedRow, formatTable, throughputRow } from './report.ts';
import { type Scene, setScene } from './scene.ts';

const RESULTS = join(import.meta.dirname, '../../bench/results.json');

type Duels = Record<DuelName, Duel>;

const { values } = parseArgs({ options: { full: { type: 'boolean', default: false } } });
const started = performance.now();
const plan = planFor(values.full);
const settings = describeSettings(plan);
console.log(
  Object.entries(settings)
    .map(([name, text]) => `${name.padEnd(12)}${text}`)
    .join('\n'),
);
const scene = await setScene();
try {
  const rows = await measure(scene, plan);
  const failed = rows.filter(({ passed }) => passed === false);
  await mkdir(join(RESULTS, '..'), { recursive: true });
  await writeFile(RESULTS, `${JSON.stringify({ time: new Date().toISOString(), plan, settings, rows }, undefined, 2)}\n`);
  console.log(`\n${formatTable(rows)}\n\n${Math.round((performance.now() - started) / 1000)} s; written to bench/results.json`);
  if (failed.length > 0) console.error(`bench: error: below the bar: ${failed.map(({ figure }) => figure).join(', ')}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
} finally {
  await scene.close();
}

async function measure(scene: Scene, plan: Plan): Promise<Row[]> {
  progress('idle memory');
  const idle = await idleMemory(scene.sides, plan.idleSeconds);
  const duels = await fightDuels(scene, plan);
  progress('the command');
  const cli = await timeCli(scene, plan.cliRuns);
  progress('counting entries');
  const entries = await requireEntries(scene, answered(duels, cli.reads));
  console.log(
    `\naudit       one entry for each of the accesses answered, ${entries.toLocaleString('en-US')} in all; holdfast audit verify: ok`,
  );
  progress('lists');
  const list = await timeLists(scene, duels['write, 32 writers'].ours.requests, plan.listed);
  return [
    ...DUELS.map((name) => throughputRow(name, duels[name], DUEL_BARS[name])),
    crowdedRow(CROWDED, duels[CROWDED], CROWDED_BAR),
    costRow('idle memory', idle, 'MiB', { figure: IDLE_BAR_MIB }),
    costRow(`list of 1,000 names among ${list.among.toLocaleString('en-US')} (of 20)`, list, 'ms', { figure: LIST_BAR_MS }),
    costRow('holdfast --help (node -e 0)', { ours: cli.help, bare: cli.bare }, 'ms', { ratio: CLI_BARS.help }),
    costRow('holdfast get (node -e 0)', { ours: cli.get, bare: cli.bare }, 'ms', { ratio: CLI_BARS.get }),
    costRow('holdfast run -- true (node -e 0)', { ours: cli.run, bare: cli.bare }, 'ms', { ratio: CLI_BARS.run }),
  ];
}

async function fightDuels(scene: Scene, plan: Plan): Promise<Duels> {
  const generators = Array.from({ length: COLD_GENERATORS }, (_, at) => new BenchProcess('load.ts', String(at + 1)));
  try {
    return await fightAll(scene, plan, generators);
  } finally {
    generators.forEach((generator) => generator.close());
  }
}

async function fightAll({ sides, crowded, exchanges, workloads }: Scene, { doses }: Plan, generators: BenchProcess[]): Promise<Duels> {
  const fight = (name: DuelName, exchange: Exchange, against = sides.bare): Promise<Duel> => {
    progress(name);
    const many = doses[name].fresh ? Math.min(COLD_GENERATORS, doses[name].connections) : 1;
    return duel({ ours: sides.ours, bare: against }, exchange, doses[name], {
      generators: generators.slice(0, many),
      identities: workloads,
    });
  };
  const { read, bundle, write } = exchanges;
  const duels = {
    'warm read': await fight('warm read', read),
    'cold read, 32 at a time': await fight('cold read, 32 at a time', read),
    'cold read, 8 at a time': await fight('cold read, 8 at a time', read),
    'cold read, alone': await fight('cold read, alone', read),
    'bundle of 20': await fight('bundle of 20', bundle),
    'write, 32 writers': await fight('write, 32 writers', write),
  };
  const crowd = await crowded.start();
  try {
    return { ...duels, [CROWDED]: await fight(CROWDED, read, crowd.side) };
  } finally {
    await crowd.close();
  }
}

/** What Holdfast answered in the whole run, the requests that set the scene included. */
function answered(duels: Duels, commands: number): { reads: number; writes: number } {
  const bundled = PATHS.bundle.length;
  const { 'bundle of 20': bundles, 'write, 32 writers': writes, ...reads } = duels;
  const single = Object.values(reads).reduce((sum, { ours }) => sum + ours.requests, 0);
  return { reads: single + bundled * bundles.ours.requests + commands + 1 + bundled, writes: writes.ours.requests + bundled + 2 };
}

function describeSettings({ name, doses }: Plan): Record<string, string> {
  const { rounds, seconds } = doses['warm read'];
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}`;
  return {
    bench: `${name}; Node ${process.version}, ${process.platform} ${process.arch}, ${machine}`,
    'both sides': `one process each, TLS 1.3, client certificate required, ${IDENTITIES} P-256 certificates, no resumption, loopback`,
    holdfast: 'the shipped server and its defaults: encrypted SQLite, synchronous=FULL, policy, an entry durable before each answer',
    bare: 'node:https that answers the same header and body bytes from memory; node -e 0 for the command',
    load: `closed loop, 1 generator process (cold: ${COLD_GENERATORS}), every body compared; ${rounds} rounds of ${seconds} s in turn, medians`,
  };
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`… ${what}\n`);
}
