import { codeOf, type Gate, KeyedQueue, type Plan, type RequestContext } from '#authz';
import { ANONYMOUS, isToken, JwtError, type Principal } from '#identity';
import type { Certificate, CertificateMint } from './certificate-mint.ts';
import { AccessError } from '../errors.ts';
import { planWithJwt, planWithToken } from './first-certificate.ts';
import { LOCKED, planRenewal } from './renewal.ts';
import type { TrustedIssuers } from '../issuers/trusted-issuers.ts';

interface CertificateOrder {
  /** PKCS #10, PEM. It names the SPIFFE ID that its sender is entitled to, or none. */
  readonly csr: string;
  /** The one-time token, for the first certificate; later ones are asked for with the current one. */
  readonly token?: string;
  /** Or a token of an issuer on record. */
  readonly jwt?: string;
}

interface Entitlement {
  readonly caller: Principal;
  readonly spiffeId: string;
  /** What is used up by it: who comes with the same waits, so that it costs one signature and not one for each. */
  readonly turn?: string;
  readonly plan: (csrPem: string) => Promise<Plan<Certificate | typeof LOCKED>>;
}

/**
 * Turns a certificate request into a certificate of the one SPIFFE ID that a one-time token, a token of an issuer on record, or the current
 * certificate stands for.
 */
export class IssueCertificate {
  readonly #gate: Gate;
  readonly #mint: CertificateMint;
  readonly #issuers: TrustedIssuers;
  readonly #turns = new KeyedQueue();

  constructor(gate: Gate, mint: CertificateMint, issuers: TrustedIssuers) {
    this.#gate = gate;
    this.#mint = mint;
    this.#issuers = issuers;
  }

  /**
   * @throws AuthzError as the gate does; AccessError `token_refused`, `csr_refused`, `not_renewable`, `line_locked`; IdentityError of
   *   `checkCertificateRequest`
   */
  async perform(caller: Principal, order: CertificateOrder, request: RequestContext): Promise<Certificate> {
    const { spiffeId, plan, turn, ...entitled } = await this.#entitlement(caller, order, request);
    const ask = { caller: entitled.caller, action: 'identity:certify', resource: spiffeId, request } as const;
    const certify = () => this.#gate.perform(ask, () => plan(order.csr));
    const outcome = await (turn === undefined ? certify() : this.#turns.run(turn, certify));
    if (outcome === LOCKED) throw new AccessError('line_locked', 'revoke the SPIFFE ID, find out who has its key, and enrol it anew');
    return outcome;
  }

  /** One credential is what entitles: a token alone, or a certificate alone. */
  async #entitlement(caller: Principal, { token, jwt }: CertificateOrder, request: RequestContext): Promise<Entitlement> {
    if (caller.kind === 'workload' && token === undefined && jwt === undefined) {
      return { caller, spiffeId: caller.id, plan: (csr) => planRenewal(this.#mint, caller, csr) };
    }
    if (caller.kind === 'anonymous' && jwt !== undefined && token === undefined) return this.#provenBy(jwt, request);
    const enrolment = caller.kind === 'anonymous' && jwt === undefined ? this.#enrolmentOf(token) : undefined;
    if (enrolment?.spiffeId === undefined) return this.#refuse(caller, request, 'token_refused');
    const { id, spiffeId } = enrolment;
    return { caller, spiffeId, turn: id, plan: (csr) => planWithToken(this.#mint, id, spiffeId, csr) };
  }

  #enrolmentOf(token: string | undefined) {
    if (token === undefined || !isToken('enrolment', token)) return undefined;
    const { authority } = this.#mint;
    return authority.find('enrolment', authority.hashOf('enrolment', token))?.body;
  }

  async #provenBy(jwt: string, request: RequestContext): Promise<Entitlement> {
    try {
      const proven = await this.#issuers.prove(jwt);
      return { ...proven, turn: proven.caller.credential, plan: (csr) => planWithJwt(this.#mint, proven, csr) };
    } catch (error) {
      if (error instanceof JwtError) return this.#refuse(ANONYMOUS, request, error.defect, error.isSigned ? error.defect : undefined);
      await this.#gate.refuse({ caller: ANONYMOUS, action: 'identity:certify', code: codeOf(error), request });
      throw error;
    }
  }

  /** `code` is for the log; whoever asks is told the `hint` at most. */
  async #refuse(caller: Principal, request: RequestContext, code: string, hint?: string): Promise<never> {
    await this.#gate.refuse({ caller, action: 'identity:certify', code, request });
    throw new AccessError('token_refused', hint);
  }
}
