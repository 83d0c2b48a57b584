import type { Plan } from '#authz';
import type { Certificate, CertificateMint } from './certificate-mint.ts';
import { AccessError } from '../errors.ts';
import { revocationSubjectsOf } from '../trust/revocations.ts';
import type { JwtUseRecord } from '../authority/records.ts';
import type { ProvenToken } from '../issuers/trusted-issuers.ts';
import { usableToken } from '../authority/usable-token.ts';

/**
 * The first certificate for a one-time token, which is used up by it. Shown again with the same key, it gets the same certificate again: a
 * lost answer is no theft.
 *
 * @throws IdentityError, AccessError `token_refused`, `csr_refused`
 */
export async function planWithToken(mint: CertificateMint, id: string, spiffeId: string, csrPem: string): Promise<Plan<Certificate>> {
  const csr = await mint.requestOf(spiffeId, csrPem);
  const held = usableToken(mint.authority, id, mint.clock);
  const { expiresAt, used: before } = held.body;
  if (before?.spkiHash === csr.spkiHash) return { answer: mint.again(before.chain, spiffeId, expiresAt) };
  if (before !== undefined) throw new AccessError('token_refused');
  const { certificate, writes } = await mint.begin({ spiffeId, enrolledBy: held.body.createdBy }, csr);
  const used = { spkiHash: csr.spkiHash, chain: certificate.chain };
  const spent = { ...held.body, expiresAt: certificate.notAfter, used };
  return { writes: [mint.authority.put('enrolment', spent, held), ...writes], answer: certificate };
}

/**
 * The first certificate for a token of an issuer on record. The same key gets the same certificate again; other keys a few of their own, as
 * many as the kind of issuer allows.
 *
 * @throws IdentityError, AccessError `token_refused`, `csr_refused`
 */
export async function planWithJwt(mint: CertificateMint, proven: ProvenToken, csrPem: string): Promise<Plan<Certificate>> {
  const { authority } = mint;
  const { spiffeId, caller, issuer, ttl, dnsNames } = proven;
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
  const { certificate, writes } = await mint.begin({ spiffeId, enrolledBy: `issuer:${issuer.issuer}`, ttl, dnsNames }, csr);
  const { chain, notAfter } = certificate;
  const expiresAt = lastOf(proven.expiresAt, held, notAfter);
  const record: JwtUseRecord = { id: caller.credential, uses: [...uses, { spkiHash: csr.spkiHash, chain, notAfter }], expiresAt };
  return { expects, writes: [authority.put('jwt-use', record, held), ...writes], answer: certificate };
}

function lastOf(token: string, held: { readonly body: JwtUseRecord } | undefined, certificate: string): string {
  return [token, certificate, held?.body.expiresAt ?? ''].toSorted().at(-1) ?? certificate;
}
