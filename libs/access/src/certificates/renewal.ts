import type { Plan } from '#authz';
import { SERVER, type Principal } from '#identity';
import type { Held } from '../authority/authority.ts';
import type { Certificate, CertificateMint } from './certificate-mint.ts';
import { AccessError } from '../errors.ts';
import { revocableOf, revokedCertificate } from '../authority/lapse.ts';
import type { CertificateLineRecord } from '../authority/records.ts';
import { lineSubject, revocationSubjectsOf } from '../trust/revocations.ts';

/** What a renewal comes to where somebody else has the certificate and its key, too. */
export const LOCKED = Symbol('locked');

/**
 * The next certificate of the caller's line. Each certificate is renewed once. Asked again with the same key, the server gives the same
 * certificate again: a lost answer is no theft. Asked with another key, it locks the line: one of the two who have this certificate has
 * copied it, and nobody can tell which.
 *
 * A new certificate begins after all revocations, so that no revoked one may lead to it, however late the revocation comes.
 *
 * @throws IdentityError, AccessError `certificate_refused`, `not_renewable`, `csr_refused`
 */
export async function planRenewal(mint: CertificateMint, caller: Principal, csrPem: string): Promise<Plan<Certificate | typeof LOCKED>> {
  const { authority } = mint;
  const revocable = revocableOf(caller);
  const refusal = revokedCertificate(authority, revocable);
  if (refusal !== undefined) throw refusal;
  const expects = revocationSubjectsOf(revocable).map((subject) => authority.expectation('revocation', subject));
  const csr = await mint.requestOf(caller.id, csrPem);
  const { line, behind } = lineOf(mint, caller);
  const { chain, notAfter, spkiHash } = line.body;
  if (behind === 0) {
    const { certificate, writes } = await mint.next(line, csr);
    return { expects, writes, answer: certificate };
  }
  expects.push(authority.expectation('certificate-line', line.body.id));
  if (behind === 1 && csr.spkiHash === spkiHash) return { expects, answer: mint.again(chain, caller.id, notAfter) };
  const lock = { subject: lineSubject(line.body.id), revokedAt: mint.clock.now().toISOString(), revokedBy: SERVER.id };
  const writes = [authority.put('revocation', lock, authority.find('revocation', lock.subject))];
  return { expects: expects.filter(({ key }) => key !== writes[0]?.key), writes, answer: LOCKED, code: 'line_locked' };
}

/** The line that the caller's certificate stands in, and by how many generations it is behind the latest. */
function lineOf({ authority }: CertificateMint, { id, place }: Principal): { line: Held<CertificateLineRecord>; behind: number } {
  const line = place && authority.find('certificate-line', place.line);
  if (place === undefined || line?.body.spiffeId !== id) throw new AccessError('not_renewable');
  const behind = line.body.generation - place.generation;
  if (behind < 0) throw new AccessError('not_renewable');
  return { line, behind };
}
