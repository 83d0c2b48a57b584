import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

/** How a token is signed: one of those that are accepted, or something that nobody should accept. */
type Signature = (input: string) => Buffer;

/** An issuer of tokens made at run time, with its key and its key set. It signs whatever it is told to. */
export class TokenIssuer {
  readonly url: string;
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly #privateKey: KeyObject;

  constructor(url = 'https://kubernetes.default.svc', kid = 'key-1') {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.url = url;
    this.kid = kid;
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  get jwk(): { kty: string } & Record<string, string> {
    return { kty: 'EC', ...this.publicKey.export({ format: 'jwk' }), kid: this.kid, alg: 'ES256', use: 'sig' } as never;
  }

  get jwks() {
    return { keys: [this.jwk] };
  }

  readonly signature: Signature = (input) => sign('sha256', Buffer.from(input), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });

  /** A token as this issuer makes it, unless the header says otherwise. */
  token(claims: Json, header: Json = {}): string {
    return writeToken({ alg: 'ES256', kid: this.kid, ...header }, { iss: this.url, ...claims }, this.signature);
  }

  /** What a pod gets for our audience at `now`, with an hour to live. */
  podToken(now: Date, changes: Json = {}): string {
    return this.token({ ...podClaims(now), ...changes });
  }
}

/** The claims of a bound ServiceAccount token, as Kubernetes 1.30 writes them. */
export function podClaims(now: Date, namespace = 'payments', name = 'api'): Json {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    aud: ['holdfast'],
    exp: seconds + 3_600,
    iat: seconds,
    nbf: seconds,
    jti: '0f1e2d3c-0000-4000-8000-000000000001',
    'kubernetes.io': {
      namespace,
      node: { name: 'node-1', uid: '00000000-0000-4000-8000-00000000000a' },
      pod: { name: `${name}-5d4f-x7k2p`, uid: '00000000-0000-4000-8000-00000000000b' },
      serviceaccount: { name, uid: '00000000-0000-4000-8000-00000000000c' },
      warnafter: seconds + 3_607,
    },
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
}

/** Any token at all. `payload` is JSON as it stands where it is a text. */
export function writeToken(header: Json, payload: Json | string, signature: Signature): string {
  const input = `${encode(JSON.stringify(header))}.${encode(typeof payload === 'string' ? payload : JSON.stringify(payload))}`;
  return `${input}.${signature(input).toString('base64url')}`;
}

/** HMAC with whatever somebody may take for a secret. */
export const hmacWith =
  (secret: string | Buffer): Signature =>
  (input) =>
    createHmac('sha256', secret).update(input).digest();

/** The definition of an issuer that makes SPIFFE IDs out of namespaces and service accounts. */
export function clusterDefinition({ url, jwks }: TokenIssuer, changes: object = {}) {
  return {
    issuer: 'cluster-a',
    kind: 'kubernetes' as const,
    url,
    audiences: ['holdfast'],
    jwks,
    rules: [{ id: 'spiffe://acme.internal/ns/{kubernetes.io.namespace}/sa/{kubernetes.io.serviceaccount.name}' }],
    ...changes,
  };
}

const encode = (text: string): string => Buffer.from(text).toString('base64url');

/** What an API server answers to the review of a pod's token. */
export function reviewOf(claims: Json, changes: object = {}) {
  const { serviceaccount, pod } = claims['kubernetes.io'] as Record<string, { uid: string; name: string }>;
  const extra = { 'authentication.kubernetes.io/pod-name': [pod?.name], 'authentication.kubernetes.io/pod-uid': [pod?.uid] };
  const user = { username: claims['sub'], uid: serviceaccount?.uid, groups: ['system:serviceaccounts'], extra };
  return {
    kind: 'TokenReview',
    apiVersion: 'authentication.k8s.io/v1',
    status: { authenticated: true, audiences: ['holdfast'], user, ...changes },
  };
}
