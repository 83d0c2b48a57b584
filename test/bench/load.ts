/**
 * The load generator, a process of its own: takes jobs over IPC, one at a time, and answers each with its sample.
 * The same code drives both sides of every comparison.
 */
import { performance } from 'node:perf_hooks';
import { type SecureContext, createSecureContext } from 'node:tls';
import type { Answer } from './answer-reader.ts';
import { Connection } from './connection.ts';
import type { ExpectedAnswer, Job, JobReply, RequestShape, Sample } from './job.ts';

/** Every generator of a run makes names of its own. */
const GENERATOR = process.argv[2] ?? '0';
let names = 0;

process.on('message', (job: Job) => {
  runJob(job).then(
    (sample) => reply({ ok: true, sample }),
    (error: Error) => reply({ ok: false, error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));

function reply(answer: JobReply): void {
  process.send?.(answer);
}

async function runJob(job: Job): Promise<Sample> {
  const contexts = job.identities.map(({ cert, key }) => createSecureContext({ cert, key, ca: job.target.ca, minVersion: 'TLSv1.3' }));
  const run = new Run(job, contexts);
  const cpu = process.cpuUsage();
  const start = performance.now();
  run.until(start + job.seconds * 1000);
  await Promise.all(Array.from({ length: job.connections }, (_, lane) => (job.fresh ? run.cold(lane) : run.warm(lane))));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { latencies: run.latencies(), seconds, cpuSeconds: (user + system) / 1e6 };
}

/** One job under way: the lanes share its limits and its latencies. */
class Run {
  readonly #job: Job;
  readonly #contexts: readonly SecureContext[];
  readonly #render: () => string;
  readonly #check: (answer: Answer) => void;
  readonly #times: number[] = [];
  #started = 0;
  #deadline = 0;

  constructor(job: Job, contexts: readonly SecureContext[]) {
    this.#job = job;
    this.#contexts = contexts;
    this.#render = renderer(job.request, job.target.host, job.fresh);
    this.#check = checker(job.expected);
  }

  until(deadline: number): void {
    this.#deadline = deadline;
  }

  /** Requests one after the other on one connection. */
  async warm(lane: number): Promise<void> {
    const connection = this.#connect(lane);
    while (this.#next()) {
      const start = performance.now();
      const answer = await connection.exchange(this.#render());
      this.#times.push(performance.now() - start);
      this.#check(answer);
    }
    await connection.close();
  }

  /** A connection for every request; the lane's certificate changes with each. */
  async cold(lane: number): Promise<void> {
    for (let turn = lane; this.#next(); turn += this.#job.connections) {
      const start = performance.now();
      const connection = this.#connect(turn);
      const answer = await connection.exchange(this.#render());
      this.#times.push(performance.now() - start);
      this.#check(answer);
      await connection.close();
    }
  }

  latencies(): Float64Array {
    return Float64Array.from(this.#times);
  }

  #connect(turn: number): Connection {
    const context = this.#contexts[turn % this.#contexts.length];
    if (!context) throw new Error('a job without an identity');
    return new Connection(this.#job.target, context);
  }

  #next(): boolean {
    if (this.#started >= this.#job.maxRequests || performance.now() >= this.#deadline) return false;
    this.#started += 1;
    return true;
  }
}

function renderer({ method, path, body }: RequestShape, host: string, close: boolean): () => string {
  const lines = [`Host: ${host}`, 'Accept: application/json'];
  if (close) lines.push('Connection: close');
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  const rest = ` HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
  const [before = '', after] = path.split('{n}');
  if (after === undefined) return () => `${method} ${path}${rest}`;
  return () => `${method} ${before}${GENERATOR}-${String((names += 1)).padStart(8, '0')}${after}${rest}`;
}

function checker({ status, head, tail, length }: ExpectedAnswer): (answer: Answer) => void {
  const start = Buffer.from(head);
  const end = Buffer.from(tail);
  return ({ status: got, body }) => {
    const right =
      got === status &&
      body.length === length &&
      body.compare(start, 0, start.length, 0, start.length) === 0 &&
      body.compare(end, 0, end.length, length - end.length) === 0;
    if (!right) throw new Error(`an answer that is not the expected one: status ${got}, ${body.length} bytes`);
  };
}
