import { createReadStream, existsSync } from 'node:fs';
import type { AuditCode, Verdict } from '#audit';
import { parse } from '../arguments.ts';
import { EXIT, Failure, systemFailure } from '../failure.ts';
import { readLine } from '../input.ts';
import { printData, say } from '../terminal.ts';

const OPTIONS = { key: { type: 'string' }, checkpoint: { type: 'string' }, json: { type: 'boolean' } } as const;

const HINTS: Partial<Record<AuditCode, string>> = {
  malformed_verifier_key: '--key names the file log.vkey of `holdfast init`, or is what that file holds',
  malformed_export: '`holdfast audit export` makes one',
};

/** Verifies an export offline. Exit code 0 only where nothing at all is wrong. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['FILE'], OPTIONS);
  const verdict = await verify(positionals[0] ?? '', values.key, values.checkpoint);
  await printData(verdict, linesOf(verdict), values.json);
  if (!verdict.ok) throw new Failure('the export does not verify', { exit: EXIT.failed });
}

async function verify(file: string, key: string | undefined, checkpoint: string | undefined): Promise<Verdict> {
  const { AuditError, verifyExport } = await import('#audit');
  try {
    return await verifyExport(() => createReadStream(file, { highWaterMark: 1 << 20 }), {
      verifierKey: key === undefined ? undefined : verifierKeyOf(key),
      checkpoint: checkpoint === undefined ? undefined : `${readLine(checkpoint, 'the checkpoint')}\n`,
      onProgress: progress(),
    });
  } catch (error) {
    if (error instanceof AuditError) throw new Failure(`${error.code}: ${error.message}`, { hint: error.hint ?? HINTS[error.code] });
    if (error instanceof Failure) throw error;
    throw systemFailure('the export can not be read', error, file === '-' ? 'it is read twice: name a file' : undefined);
  }
}

/** A verifier key is public: the key itself does as well as a file that holds it. */
const verifierKeyOf = (key: string): string => (existsSync(key) ? readLine(key) : key);

function progress(): (entries: number) => void {
  let told = performance.now();
  return (entries) => {
    if (performance.now() - told < 2_000) return;
    told = performance.now();
    say(`${entries} entries`);
  };
}

function linesOf({ ok, trust, origin, entries, size, root, findings }: Verdict): string[] {
  const trusted = trust === 'pinned' ? 'by the key given' : 'by the key in the export itself: give --key to prove more than that';
  return [
    `${ok ? 'verified' : 'NOT verified'}: ${entries} entries, ${size} signed, ${trusted}`,
    `log ${origin}, root ${root}`,
    ...findings.map(({ code, index, text }) => `${code}${index === undefined ? '' : ` at ${index}`}: ${text}`),
  ];
}
