import type { RequestOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';

const OPTIONS = {
  serial: { type: 'string' },
  domain: { type: 'string' },
  fingerprint: { type: 'string' },
  lift: { type: 'boolean' },
} as const;

/** Revokes a certificate, a workload, or all below a prefix; with --lift it takes that back. */
export async function run(args: readonly string[]): Promise<void> {
  const named = args.some((arg) => arg.startsWith('spiffe://'));
  const { values, positionals } = parse(args, named ? ['SPIFFE-ID'] : [], OPTIONS);
  const [id] = positionals;
  const given = [id, values.serial, values.fingerprint].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw usageFailure('what is to be revoked?', 'one SPIFFE ID, one prefix spiffe://…/**, --serial HEX, or --fingerprint HEX');
  const body = revocationOf(id, values);
  await call<'revoke'>(callerEndpoint(), { method: 'POST', target: values.lift === true ? '/revocations:lift' : '/revocations', body });
}

function revocationOf(
  id: string | undefined,
  { serial, domain, fingerprint }: { readonly serial?: string; readonly domain?: string; readonly fingerprint?: string },
): RequestOf<'revoke'> {
  if (id !== undefined) return id.endsWith('/**') ? { prefix: id } : { spiffeId: id };
  if (serial !== undefined) return { serial: bare(serial), ...(domain !== undefined && { trustDomain: domain }) };
  return { fingerprint: `sha256:${bare(fingerprint ?? '').toLowerCase()}` };
}

/** As openssl and others print it: with colons, and the name of the hash or 0x before. */
function bare(hex: string): string {
  return hex.replace(/^(?:sha256:|0x)/i, '').replaceAll(':', '');
}
