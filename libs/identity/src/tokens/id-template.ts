import { claimAt } from './claims.ts';
import { IdentityError } from '../errors.ts';
import type { Claims } from './json-web-token.ts';
import { JwtError } from './jwt-error.ts';
import { parseSpiffeId, type SpiffeId } from '../certificates/spiffe-id.ts';

type Segment = { readonly text: string } | { readonly claim: string };

const PLACEHOLDER = /^\{([^{}]*)\}$/;
/** At most eight names, since every way to split them is tried. */
const CLAIM = /^[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){0,7}$/;
const SEGMENT = /^[A-Za-z0-9._-]+$/;
const SPIFFE = 'spiffe://';

/**
 * How claims become a SPIFFE ID: `spiffe://acme.internal/ns/{kubernetes.io.namespace}/sa/{kubernetes.io.serviceaccount.name}`. The trust domain
 * is written out. A claim takes the place of exactly one whole segment, so that no value can name a workload elsewhere in the tree.
 */
export class IdTemplate {
  readonly text: string;
  readonly trustDomain: string;
  readonly #segments: readonly Segment[];

  /** @throws IdentityError `invalid_issuer` */
  constructor(text: string) {
    this.text = text;
    this.#segments = text.startsWith(SPIFFE) ? text.slice(SPIFFE.length).split('/').slice(1).map(readSegment) : [];
    this.trustDomain = trustDomainOf(this.#filled(() => 'x', text));
  }

  /** Whether anything in it comes from the token. */
  get isOpen(): boolean {
    return this.#segments.some((segment) => 'claim' in segment);
  }

  /** Every ID that it may become, as a pattern of bindings: `*` for each claim. */
  get pattern(): string {
    return this.#filled(() => '*', this.text);
  }

  /** @throws JwtError `invalid_claim` when a claim is not there, or is not the text of one segment */
  idOf(claims: Claims): SpiffeId {
    const text = this.#filled((claim) => segmentOf(claimAt(claims, claim)), this.text);
    try {
      return parseSpiffeId(text);
    } catch {
      throw new JwtError('invalid_claim');
    }
  }

  #filled(valueOf: (claim: string) => string, text: string): string {
    const [trustDomain = ''] = text.slice(SPIFFE.length).split('/');
    const segments = this.#segments.map((segment) => ('claim' in segment ? valueOf(segment.claim) : segment.text));
    return [`${SPIFFE}${trustDomain}`, ...segments].join('/');
  }
}

function readSegment(text: string): Segment {
  const claim = PLACEHOLDER.exec(text)?.[1];
  if (claim === undefined) return { text };
  if (!CLAIM.test(claim)) throw new IdentityError('invalid_issuer', 'id: a claim is written {name} or {name.name}');
  return { claim };
}

/** A segment that holds a brace and is no placeholder is no segment of an ID either. */
function trustDomainOf(text: string): string {
  try {
    return parseSpiffeId(text).trustDomain;
  } catch {
    throw new IdentityError('invalid_issuer', 'id: a SPIFFE ID in which a {claim} may stand for a whole segment of the path');
  }
}

function segmentOf(value: unknown): string {
  if (typeof value !== 'string' || !SEGMENT.test(value)) throw new JwtError('invalid_claim');
  return value;
}
