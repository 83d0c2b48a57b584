import type { Plan } from '#authz';
import type { Certificate, CertificateMint } from './certificate-mint.ts';
import { AccessError } from './errors.ts';
import { revocationSubjectsOf } from './revocations.ts';
import type { JwtUseRecord } from './records.ts';
import type { ProvenToken } from './trusted-issuers.ts';
import { usableToken } from './usable-token.ts';

/**
 * The first certificate for a one-time token, which is used up by it. Shown again with the same key, it gets the same certificate again: a
 * lost answer is no theft.
 *
 * @throws IdentityError, AccessError `token_refused`, `csr_refused`
 */
export async function planWithToken(mint: CertificateMint, id: string, spiffeId: string, csrPem: string): Promise<Plan<Certificate>> {
  const csr = await mint.requestOf(spiffeId, csrPem);
  const held = usableToken(mint.authority, id, mint.clock);
  const { expiresAt, used } = held.body;
  if (used?.spkiHash === csr.spkiHash) return { answer: mint.again(used.chain, spiffeId, expiresAt) };
  if (used !== undefined) throw new AccessError('token_refused');
  const answer = await mint.issue(spiffeId, csr);
  const spent = { ...held.body, expiresAt: answer.notAfter, used: { spkiHash: csr.spkiHash, chain: answer.chain } };
  return { writes: [mint.authority.put('enrolment', spent, held)], answer };
}

/**
 * The first certificate for a token of an issuer on record. The same key gets the same certificate again; other keys a few of their own, as
 * many as the kind of issuer allows.
 *
 * @throws IdentityError, AccessError `token_refused`, `csr_refused`
 */
export async function planWithJwt(mint: CertificateMint, proven: ProvenToken, csrPem: string): Promise<Plan<Certificate>> {
  const { authority } = mint;
  const { spiffeId, caller, issuer } = proven;
  const csr = await mint.requestOf(spiffeId, csrPem);
  const revocable = { id: spiffeId, fingerprint: caller.credential };
  // Proven by an issuer that is trusted no longer, or for a workload that was revoked after the token was made.
  const isVoid =
    authority.find('issuer', issuer.issuer)?.body !== issuer || authority.revocations.isRevoked({ ...revocable, from: proven.issuedAt });
  if (isVoid) throw new AccessError('token_refused');
  const expects = [
    authority.expectation('issuer', issuer.issuer),
    ...revocationSubjectsOf(revocable).map((subject) => authority.expectation('revocation', subject)),
  ];
  const held = authority.find('jwt-use', caller.credential);
  const uses = held?.body.uses ?? [];
  const before = uses.find(({ spkiHash }) => spkiHash === csr.spkiHash);
  if (before !== undefined) return { expects, answer: mint.again(before.chain, spiffeId, before.notAfter) };
  if (uses.length >= proven.mostKeys) throw new AccessError('token_refused', 'jwt_used_up');
  const answer = await mint.issue(spiffeId, csr);
  const use = { spkiHash: csr.spkiHash, chain: answer.chain, notAfter: answer.notAfter };
  const record: JwtUseRecord = { id: caller.credential, uses: [...uses, use], expiresAt: lastOf(proven.expiresAt, held, answer.notAfter) };
  return { expects, writes: [authority.put('jwt-use', record, held)], answer };
}

function lastOf(token: string, held: { readonly body: JwtUseRecord } | undefined, certificate: string): string {
  return [token, certificate, held?.body.expiresAt ?? ''].toSorted().at(-1) ?? certificate;
}
