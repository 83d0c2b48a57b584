import type { X509Certificate } from 'node:crypto';
import type { Principal } from '#identity';

/**
 * Turns a credential into a caller: the one way to look at the authority that is not through the gate. It answers from memory and
 * changes nothing.
 */
export abstract class Authenticator {
  /** Counts the changes of trust and revocations: while it stands still, a certificate that was accepted stays so until its end. */
  abstract readonly revision: number;

  /**
   * The workload of a certificate, from what the peer presented, its leaf first (`presentedBy`). The caller has OpenSSL's word that the
   * peer holds the leaf's key.
   *
   * @throws AccessError `certificate_refused`; its hint is the `CertificateDefect`
   */
  abstract workload(presented: readonly X509Certificate[]): Principal;

  /**
   * The operator of a session, who is taken to have used it now.
   *
   * @throws AccessError `session_refused`
   */
  abstract session(token: string): Principal;

  /**
   * Whoever holds a one-time operator token that is still good: an operator without a name. It isn't used up by that.
   *
   * @throws AccessError `token_refused`, whether it was used, has ended or never was
   */
  abstract token(token: string): Principal;
}
