import type { Claims } from './json-web-token.ts';
import { JwtError } from './jwt-error.ts';

/** Who must have made a token, and for whom. */
export interface Expected {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly now: Date;
}

/** The pod that a Kubernetes API server has made a token for. */
export interface BoundPod {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly pod: { readonly name: string; readonly uid: string };
}

/** Seconds that the issuer's clock may be away from ours. */
export const CLOCK_SKEW = 30;
/** A token that is good for longer is no proof of who sends it now. Seconds. */
const LONGEST_LIFE = 86_400;

/**
 * Holds a token's claims to what is expected (RFC 7519 §4.1): the very issuer, made for us and nobody else, in date, and with an end that is
 * not far from its beginning. The signature is somebody else's to check, and comes first.
 *
 * @throws JwtError
 */
export function checkClaims(claims: Claims, { issuer, audiences, now }: Expected): void {
  if (claims['iss'] !== issuer) throw new JwtError('unknown_issuer');
  const { aud } = claims;
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (named.length === 0 || !named.every((name) => audiences.some((own) => own === name))) throw new JwtError('wrong_audience');
  const [exp, iat, nbf = iat] = [timeIn(claims, 'exp'), timeIn(claims, 'iat'), timeIn(claims, 'nbf')];
  if (exp === undefined || iat === undefined || nbf === undefined) throw new JwtError('invalid_claim');
  const seconds = now.getTime() / 1000;
  if (seconds >= exp + CLOCK_SKEW) throw new JwtError('jwt_expired');
  if (Math.max(iat, nbf) > seconds + CLOCK_SKEW) throw new JwtError('jwt_not_yet_valid');
  if (exp - iat > LONGEST_LIFE) throw new JwtError('jwt_long_lived');
}

/**
 * The pod of a bound ServiceAccount token. A token that belongs to no pod can be used by whoever has read it, for as long as it lasts, and is
 * refused.
 *
 * @throws JwtError `not_pod_bound`
 */
export function boundPodOf(claims: Claims): BoundPod {
  const { namespace, serviceaccount, pod } = objectIn(claims['kubernetes.io']);
  const bound = { namespace: textIn(namespace), serviceAccount: objectRefIn(serviceaccount), pod: objectRefIn(pod) };
  const subject = `system:serviceaccount:${bound.namespace}:${bound.serviceAccount.name}`;
  if (claims['sub'] !== subject) throw new JwtError('not_pod_bound');
  return bound;
}

/**
 * The value at a path of names joined by dots. Names may hold dots themselves (`kubernetes.io.namespace`): every way to split the path is
 * tried, and what two ways lead to is not there. Undefined where nothing is.
 */
export function claimAt(claims: Claims, path: string): unknown {
  const found = valuesAt(claims, path.split('.'));
  return found.length === 1 ? found[0] : undefined;
}

function valuesAt(value: unknown, names: readonly string[]): readonly unknown[] {
  if (names.length === 0) return [value];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return names.flatMap((_, at) => {
    const name = names.slice(0, at + 1).join('.');
    return Object.hasOwn(value, name) ? valuesAt(Reflect.get(value, name), names.slice(at + 1)) : [];
  });
}

function timeIn(claims: Claims, name: string): number | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || value < 0 || value > Number.MAX_SAFE_INTEGER) throw new JwtError('invalid_claim');
  return value;
}

function objectIn(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new JwtError('not_pod_bound');
  return { ...value };
}

function textIn(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new JwtError('not_pod_bound');
  return value;
}

function objectRefIn(value: unknown): { name: string; uid: string } {
  const { name, uid } = objectIn(value);
  return { name: textIn(name), uid: textIn(uid) };
}
