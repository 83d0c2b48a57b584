import { compilePattern } from '#authz';
import { DnsTemplate, IdentityError, IdTemplate, readKeySet, type Claims, claimAt, type IssuerKey } from '#identity';

/** What a claim may be compared with. */
type Scalar = string | number | boolean;

/** A rule of an issuer: whose tokens, and which workload they stand for. */
export interface IssuerRule {
  /** A SPIFFE ID in which `{claim}` may take the place of a whole segment. */
  readonly id: string;
  /** By the path of the claim: what it must be, one of several, or with `*` a pattern of it. All of them must hold. */
  readonly when?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  /** Seconds that its certificates last; the settings' where it is left out. */
  readonly ttl?: number;
  /** DNS names that its certificates hold beside the SPIFFE ID, in which `{claim}` may take the place of a whole label. */
  readonly dnsNames?: readonly string[];
}

/** Somebody whose tokens get workloads their first certificates. */
export interface Issuer {
  readonly issuer: string;
  /** A `kubernetes` one makes bound ServiceAccount tokens; what those have to be is known. */
  readonly kind: 'kubernetes' | 'jwt';
  /** Its `iss`, to the letter. */
  readonly url: string;
  /** What its tokens must be made for. */
  readonly audiences: readonly string[];
  /** None where the API server alone vouches for its tokens. */
  readonly keys: readonly IssuerKey[];
  /** Whether the Kubernetes API server of the settings must know the token besides. */
  readonly review?: boolean;
  readonly rules: readonly IssuerRule[];
}

/** What is put under a name, before it is looked at. */
export interface IssuerDefinition extends Omit<Issuer, 'keys'> {
  readonly jwks?: unknown;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const CLAIM = /^[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){0,7}$/;

/** An issuer as rules and entries write it; what can't be a name is not written into the log. */
export function issuerResource(name: string): string {
  return NAME.test(name) ? `issuer:${name}` : 'issuer:?';
}

/**
 * Checks the definition of an issuer: it has a possible name, keys that only sign, and rules that lead to workloads of this trust domain. A
 * rule has to tell tokens apart: one that is for whatever the issuer signs makes every one of its users the same workload.
 *
 * @throws IdentityError `invalid_issuer`
 */
export function readIssuer({ jwks, ...rest }: IssuerDefinition, trustDomain: string): Issuer {
  if (!NAME.test(rest.issuer)) throw invalid('issuer: a name of a-z, 0-9, and . _ -');
  for (const [at, rule] of rest.rules.entries()) checkRule(rule, rest.kind, { trustDomain, place: `rules.${at}` });
  if (rest.review === true && rest.kind !== 'kubernetes') throw invalid('review: is for the tokens of Kubernetes');
  return { ...rest, keys: rest.review === true && jwks === undefined ? [] : readKeySet(jwks) };
}

/** A rule, ready to be asked. */
export class CompiledRule {
  readonly template: IdTemplate;
  readonly ttl: number | undefined;
  readonly #dnsNames: readonly DnsTemplate[];
  readonly #conditions: readonly (readonly [claim: string, fits: (value: unknown) => boolean])[];

  constructor({ id, when = {}, ttl, dnsNames = [] }: IssuerRule) {
    this.template = new IdTemplate(id);
    this.ttl = ttl;
    this.#dnsNames = dnsNames.map((name) => new DnsTemplate(name));
    this.#conditions = Object.entries(when).map(([claim, wanted]) => [claim, conditionOf(wanted)]);
  }

  /** @throws JwtError `invalid_claim` */
  dnsNamesOf(claims: Claims): readonly string[] {
    return this.#dnsNames.map((template) => template.nameOf(claims));
  }

  /** A claim that is a list holds where one of its members does. One that is not there never does. */
  holds(claims: Claims): boolean {
    return this.#conditions.every(([claim, fits]) => {
      const value = claimAt(claims, claim);
      return Array.isArray(value) ? value.some(fits) : fits(value);
    });
  }
}

function checkRule(rule: IssuerRule, kind: Issuer['kind'], { trustDomain, place }: { trustDomain: string; place: string }): void {
  const { id, when = {} } = rule;
  if (Object.keys(when).some((claim) => !CLAIM.test(claim))) throw invalid(`${place}.when: a claim is written name or name.name`);
  const compiled = compiledAt(rule, place);
  if (compiled.template.trustDomain !== trustDomain) throw invalid(`${place}.id: of another trust domain`);
  const isClosed = Object.values(when).some(saysSomething) || (kind === 'kubernetes' && new IdTemplate(id).isOpen);
  if (!isClosed) throw invalid(`${place}.when: is for every token of the issuer`);
}

function compiledAt(rule: IssuerRule, place: string): CompiledRule {
  try {
    return new CompiledRule(rule);
  } catch (error) {
    throw error instanceof IdentityError
      ? invalid(`${place}.${error.hint}`)
      : invalid(`${place}.when: \`**\` stands alone between slashes`);
  }
}

/** Whether a condition leaves any value out. */
function saysSomething(wanted: Scalar | readonly Scalar[]): boolean {
  return [wanted].flat().every((value) => !/^[*/]*$/.test(String(value)));
}

function conditionOf(wanted: Scalar | readonly Scalar[]): (value: unknown) => boolean {
  const fits = [wanted].flat().map(comparisonOf);
  return (value) => fits.some((each) => each(value));
}

function comparisonOf(wanted: Scalar): (value: unknown) => boolean {
  if (typeof wanted !== 'string' || !wanted.includes('*')) return (value) => value === wanted;
  const matches = compilePattern(wanted);
  return (value) => typeof value === 'string' && matches(value);
}

function invalid(hint: string): IdentityError {
  return new IdentityError('invalid_issuer', hint);
}
