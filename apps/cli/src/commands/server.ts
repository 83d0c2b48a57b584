import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { become } from '../become.ts';
import { parse } from '../arguments.ts';
import { environment } from '../environment.ts';
import { Failure } from '../failure.ts';

/** Becomes the server. `bin/holdfast` does the same without starting the command first; an image without a shell starts here. */
export async function run(args: readonly string[]): Promise<void> {
  parse(args, [], { config: { type: 'string' } });
  const main = join(dirname(process.argv[1] ?? ''), '../apps/server/src/main.js');
  if (!existsSync(main)) throw new Failure('the server is not built', { hint: 'run `npm run build`' });
  become(process.execPath, [process.execPath, main, ...args], environment());
}
