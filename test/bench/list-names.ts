import type { Job, JobReply } from './job.ts';
import { BenchProcess } from './processes.ts';
import type { Scene } from './scene.ts';
import { median } from './statistics.ts';

const WRITERS = 32;
/** No generator of the duels has this number: names are made of it. */
const GENERATOR = '9';
const TIMES = 31;

/** Milliseconds of a page of 1,000 names, and of 20, from the first byte sent to the whole answer parsed. */
export interface ListTimes {
  readonly ours: number;
  readonly bare: number;
  /** How many secrets there are. */
  readonly among: number;
}

/** Lists a page of the names under one prefix, where there are so many, and writes what is missing of them before. */
export async function timeLists(scene: Scene, there: number, wanted: number): Promise<ListTimes> {
  if (there < wanted) await writeMore(scene, wanted - there);
  const { deployment, auditor } = scene;
  const client = deployment.workload(auditor);
  const time = async (prefix: string, names: number): Promise<number> => {
    const times: number[] = [];
    for (let at = 0; at < TIMES; at += 1) {
      const start = performance.now();
      const { items } = await client.must<{ items: object[] }>('GET', `/api/v1/secrets?prefix=${prefix}&recursive=true&limit=1000`);
      times.push(performance.now() - start);
      if (items.length !== names) throw new Error(`a list of ${names} names has ${items.length}`);
    }
    return median(times);
  };
  const times = { ours: await time('bench/write', 1_000), bare: await time('bench/bundle', 20) };
  client.close();
  return { ...times, among: Math.max(there, wanted) };
}

async function writeMore({ sides, workloads, exchanges }: Scene, many: number): Promise<void> {
  const generator = new BenchProcess('load.ts', GENERATOR);
  const { request, expected } = exchanges.write;
  const job: Job = {
    target: sides.ours.target,
    identities: workloads,
    connections: WRITERS,
    fresh: false,
    request,
    expected,
    seconds: 3_600,
    maxRequests: many,
  };
  const reply = await generator.ask<JobReply>(job);
  generator.close();
  if (!reply.ok) throw new Error(`what is to be listed could not be written: ${reply.error}`);
}
