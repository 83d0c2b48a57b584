import type { ClientIdentity, ExpectedAnswer, Job, JobReply, RequestShape, Sample, Target } from './job.ts';
import { type BenchProcess, processorSeconds } from './processes.ts';
import { median, quantile } from './statistics.ts';

/** One of the two servers that are compared. */
export interface Side {
  readonly name: string;
  readonly pid: number;
  readonly target: Target;
}

/** A request and what both sides must answer to it. */
export interface Exchange {
  readonly request: RequestShape;
  readonly expected: ExpectedAnswer;
}

/** How hard, how often and how long both sides are asked. */
export interface Dose {
  readonly connections: number;
  readonly fresh: boolean;
  readonly rounds: number;
  readonly seconds: number;
  /** Of the round before those that count, for both sides: until the compiler has seen what it optimises. */
  readonly warmUpSeconds: number;
  readonly maxRequests: number;
}

/** What one side showed: medians over the rounds, and the number of requests over all of them. */
export interface Showing {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** The server's processor time per request, microseconds. */
  readonly cpuMicros: number;
  /** The share of a core that the busiest generator used: near 1 it is the limit. */
  readonly generatorLoad: number;
  readonly requests: number;
}

/** Both showings, and the median over the rounds of ours divided by bare's. */
export interface Duel {
  readonly ours: Showing;
  readonly bare: Showing;
  readonly ratio: number;
}

/** What makes the load: one or more generators, the same for both sides. */
export interface Load {
  readonly generators: readonly BenchProcess[];
  readonly identities: readonly ClientIdentity[];
}

type Round = Showing;

/** Asks both sides in turn (A B A B …), after one round of each that is only there to warm up. */
export async function duel(sides: { ours: Side; bare: Side }, exchange: Exchange, dose: Dose, load: Load): Promise<Duel> {
  const warmUp = { ...dose, seconds: dose.warmUpSeconds };
  const [warmed] = [await round(sides.ours, exchange, warmUp, load), await round(sides.bare, exchange, warmUp, load)];
  const ours: Round[] = [];
  const bare: Round[] = [];
  for (let turn = 0; turn < dose.rounds; turn += 1) {
    ours.push(await round(sides.ours, exchange, dose, load));
    bare.push(await round(sides.bare, exchange, dose, load));
  }
  const ratio = median(ours.map(({ perSecond }, turn) => perSecond / (bare[turn]?.perSecond ?? Number.NaN)));
  return { ours: showing(ours, warmed.requests), bare: showing(bare, 0), ratio };
}

async function round(side: Side, { request, expected }: Exchange, dose: Dose, { generators, identities }: Load): Promise<Round> {
  const share = (whole: number): number => Math.max(1, Math.floor(whole / generators.length));
  const { fresh, seconds } = dose;
  const job: Job = {
    target: side.target,
    identities,
    request,
    expected,
    fresh,
    seconds,
    connections: share(dose.connections),
    maxRequests: share(dose.maxRequests),
  };
  const before = await processorSeconds(side.pid);
  const samples = await Promise.all(generators.map((generator) => sampled(generator, job, side.name)));
  return summary(samples, (await processorSeconds(side.pid)) - before);
}

async function sampled(generator: BenchProcess, job: Job, name: string): Promise<Sample> {
  const reply = await generator.ask<JobReply>(job);
  if (!reply.ok) throw new Error(`${name}, ${job.request.method} ${job.request.path}: ${reply.error}`);
  return reply.sample;
}

function summary(samples: readonly Sample[], serverSeconds: number): Round {
  const latencies = Float64Array.from(samples.flatMap((sample) => [...sample.latencies]));
  return {
    perSecond: samples.reduce((sum, sample) => sum + sample.latencies.length / sample.seconds, 0),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpuMicros: (serverSeconds / latencies.length) * 1e6,
    generatorLoad: Math.max(...samples.map((sample) => sample.cpuSeconds / sample.seconds)),
    requests: latencies.length,
  };
}

function showing(rounds: readonly Round[], warmedUp: number): Showing {
  const of = (figure: keyof Round): number => median(rounds.map((round) => round[figure]));
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpuMicros: of('cpuMicros'),
    generatorLoad: of('generatorLoad'),
    requests: warmedUp + rounds.reduce((sum, round) => sum + round.requests, 0),
  };
}
