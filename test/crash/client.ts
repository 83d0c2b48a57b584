/**
 * The load client, a process of its own that outlives every kill of the server. It works in closed loops until told to stop, and keeps
 * the ledger. After a lost connection a lane rests until the server serves again.
 */
import { setTimeout as after } from 'node:timers/promises';
import { type Ports, isHealthy } from '../support/server-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { Lane } from './lane.ts';
import { LedgerWriter } from './ledger.ts';
import { Random } from './random.ts';

/** What the harness tells the client first. */
export interface ClientSettings {
  readonly ledger: string;
  readonly seed: number;
  readonly ports: Ports;
  readonly ca: string;
  readonly callers: readonly { readonly spiffeId: string; readonly cert: string; readonly key: string }[];
  readonly victims: readonly string[];
  readonly operatorToken: string;
  readonly operatorPassword: string;
}

/** `start` once, `stop` at the end. */
export type ClientCommand = { readonly start: ClientSettings } | { readonly stop: true };
/** How many operations were answered so far; `done` once every lane has ended. */
export interface ClientReport {
  readonly answered: number;
  readonly done: boolean;
}

const LANES = 8;

let answered = 0;
const stopping = new AbortController();

process.on('message', (command: ClientCommand) => {
  if ('start' in command) void work(command.start);
  else stopping.abort();
});
process.on('disconnect', () => process.exit(0));

async function work(settings: ClientSettings): Promise<void> {
  const ledger = new LedgerWriter(settings.ledger);
  await Promise.all(lanesOf(settings, ledger).map((lane) => loop(lane, settings.ports.probe)));
  ledger.close();
  report(true);
}

async function loop(lane: Lane, probe: number): Promise<void> {
  while (!stopping.signal.aborted) {
    const { outcome } = await lane.step();
    if (outcome === 'answered') {
      answered += 1;
      report(false);
    } else await rest(probe);
  }
}

async function rest(probe: number): Promise<void> {
  while (!stopping.signal.aborted && !(await isHealthy(probe, 'ready'))) await after(20);
}

function lanesOf({ ports, ca, callers, seed, ...rest }: ClientSettings, ledger: LedgerWriter): Lane[] {
  const operator = new WireClient(ports.operator, ca, { token: rest.operatorToken });
  const stranger = new WireClient(ports.operator, ca);
  const victims = [...rest.victims];
  return Array.from({ length: LANES }, (_, at) => {
    const caller = callers[at % callers.length];
    if (!caller) throw new Error('a client without callers');
    const workload = new WireClient(ports.workload, ca, caller);
    const { operatorPassword } = rest;
    const settings = { name: `lane-${at}`, caller: caller.spiffeId, workload, operator, stranger, operatorPassword, victims };
    return new Lane(settings, ledger, new Random(seed + at));
  });
}

function report(done: boolean): void {
  process.send?.({ answered, done } satisfies ClientReport);
}
