import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../support/command.ts';
import { HOLDFAST } from '../support/server-process.ts';
import { PATHS, SECRET } from './exchanges.ts';
import type { Scene } from './scene.ts';
import { median } from './statistics.ts';

/** Median milliseconds of whole processes, and how many secrets they read. */
export interface CliTimes {
  readonly help: number;
  readonly get: number;
  readonly run: number;
  readonly bare: number;
  readonly reads: number;
}

/** Runs bare `node -e 0`, `holdfast --help`, `holdfast get` and `holdfast run -- true` in turn, so often each. */
export async function timeCli(scene: Scene, runs: number): Promise<CliTimes> {
  const env = await clientSettings(scene);
  const times = { help: [] as number[], get: [] as number[], run: [] as number[], bare: [] as number[] };
  for (let turn = 0; turn <= runs; turn += 1) {
    const bare = await timed(() => mustRun(process.execPath, ['-e', '0'], { env }));
    const help = await timed(() => mustRun(HOLDFAST, ['--help'], { env }));
    const get = await timed(() => getOnce(env));
    const run = await timed(() => mustRun(HOLDFAST, ['run', '--path', PATHS.read, '--', 'true'], { env }));
    if (turn === 0) continue; // the first of each fills the page cache
    times.bare.push(bare);
    times.help.push(help);
    times.get.push(get);
    times.run.push(run);
  }
  const { help, get, run, bare } = times;
  return { help: median(help), get: median(get), run: median(run), bare: median(bare), reads: 2 * (runs + 1) };
}

async function getOnce(env: NodeJS.ProcessEnv): Promise<void> {
  const value = await mustRun(HOLDFAST, ['get', PATHS.read, 'value', '--format', 'raw'], { env });
  if (value.trimEnd() !== SECRET.data.value) throw new Error('holdfast get printed another value than was written');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function clientSettings({ directory, deployment, workloads }: Scene): Promise<NodeJS.ProcessEnv> {
  const [workload] = workloads;
  const files = { HOLDFAST_CERT: workload?.cert, HOLDFAST_KEY: workload?.key, HOLDFAST_CA: deployment.trustBundle };
  const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, HOLDFAST_ADDR: `https://127.0.0.1:${deployment.server.ports.workload}` };
  for (const [name, pem] of Object.entries(files)) {
    const file = join(directory, `cli-${name.toLowerCase()}.pem`);
    await writeFile(file, pem ?? '', { mode: 0o600 });
    env[name] = file;
  }
  return env;
}
