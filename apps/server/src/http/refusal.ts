import type { ProblemCode } from '#contract';

/** What a refusal carries beside its code. None of it may hold anything the caller sent. */
export interface RefusalDetail {
  readonly hint?: string;
  /** What the log's entry says instead of the problem's code, where it may know more. */
  readonly recordedAs?: string;
  /** The fingerprint of a certificate that was presented and not accepted. */
  readonly credential?: string;
  /** Headers of the answer that its status asks for. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that the edge turns away before any operation has seen it. It is recorded where it is answered. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ProblemCode;
  readonly detail: RefusalDetail;

  constructor(code: ProblemCode, detail: RefusalDetail = {}) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * A client certificate that is not accepted: its owner and the log learn the defect (one of identity's closed list). What OpenSSL said in the
 * handshake stays as it is for the connection: whoever was trusted since shall come in by another one.
 */
export function refusedCertificate(defect: string, fingerprint?: string): Refusal {
  return new Refusal('certificate_refused', {
    hint: defect,
    recordedAs: defect,
    credential: fingerprint,
    headers: defect === 'unverified' ? CLOSING : undefined,
  });
}

const CLOSING = { connection: 'close' };
