import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parse } from '../arguments.ts';
import { send } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { EXIT, Failure, systemFailure } from '../failure.ts';
import { patiently } from '../terminal.ts';

/** Writes the whole log, as it comes, to a file of its own or to standard output. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { out: { type: 'string' } });
  const answer = await send<'exportLog'>(callerEndpoint(), { method: 'GET', target: '/audit/entries?format=ndjson' });
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
  const sink = values.out === undefined ? process.stdout : createWriteStream(values.out, { mode: 0o600 });
  let unwritable: unknown;
  sink.once('error', (error) => (unwritable = error));
  try {
    await patiently(() => `${(bytes / 1e6).toFixed(1)} MB`, pipeline(answer, sink));
  } catch (error) {
    if (unwritable === error) throw systemFailure('the export can not be written', error);
    throw new Failure('the export was cut short', { exit: EXIT.unavailable, hint: 'what was written does not verify' });
  }
}
