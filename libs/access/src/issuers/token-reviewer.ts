import { JwtError } from '#identity';
import { AccessError } from '../errors.ts';
import type { Outbound, OutboundAnswer } from '../providers/outbound.ts';

/** Whom an API server knows a ServiceAccount token to be. */
export interface ReviewedToken {
  /** `system:serviceaccount:<namespace>:<name>` */
  readonly username: string;
  /** Of the service account. */
  readonly uid: string;
  readonly podUid: string;
}

/** Where tokens are reviewed, and with what. Read anew each time: the kubelet replaces its tokens. */
export interface ApiServer {
  readonly url: string;
  /** PEM: the only authority that its certificate may come from. */
  readonly ca: string;
  /** Of a service account that may create TokenReviews. */
  readonly token: string;
}

const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const POD_UID = 'authentication.kubernetes.io/pod-uid';

/** Has the Kubernetes API server look at ServiceAccount tokens: it knows which pods are gone. */
export class TokenReviewer {
  readonly #outbound: Outbound;
  readonly #apiServer: () => ApiServer | undefined;

  /** `apiServer` answers undefined where the settings name none, or its files can't be read. */
  constructor(outbound: Outbound, apiServer: () => ApiServer | undefined) {
    this.#outbound = outbound;
    this.#apiServer = apiServer;
  }

  /**
   * An API server that does not answer is no reason to believe the token, nor to look at it in another way.
   *
   * @throws JwtError `review_refused` when the API server does not know the token for these audiences; AccessError `review_unavailable`
   */
  async review(token: string, audiences: readonly string[]): Promise<ReviewedToken> {
    const server = this.#apiServer();
    if (server === undefined) throw unavailable('the settings name no API server, or its files can not be read');
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } };
    return reviewedIn(objectIn(statusOf(await this.#ask(server, JSON.stringify(review)))), audiences);
  }

  async #ask({ url, ca, token }: ApiServer, body: string): Promise<OutboundAnswer> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' };
    try {
      return await this.#outbound.ask({ url: new URL(REVIEWS, url).href, method: 'POST', headers, body, ca });
    } catch (error) {
      throw error instanceof AccessError ? unavailable(error.hint) : error;
    }
  }
}

function statusOf({ status, body }: OutboundAnswer): unknown {
  if (status === 401 || status === 403) throw unavailable('the API server does not let this server review tokens');
  if (status !== 200 && status !== 201) throw unavailable('the API server does not review the token');
  try {
    const review: unknown = JSON.parse(body.toString('utf8'));
    if (objectIn(review)['kind'] === 'TokenReview') return objectIn(review)['status'];
  } catch {
    // What the parser says quotes the answer.
  }
  throw unavailable('the API server answers with something else than a review');
}

/** An API server that knows nothing of audiences names none, and has then looked for its own. */
function reviewedIn({ authenticated, audiences: found, user }: Record<string, unknown>, audiences: readonly string[]): ReviewedToken {
  const forUs = Array.isArray(found) && found.length > 0 && found.every((name) => audiences.includes(name));
  if (authenticated !== true || !forUs) throw new JwtError('review_refused');
  const { username, uid, extra } = objectIn(user);
  const pods = objectIn(extra)[POD_UID];
  const [podUid, ...more]: readonly unknown[] = Array.isArray(pods) ? pods : [];
  if (typeof username !== 'string' || typeof uid !== 'string' || typeof podUid !== 'string' || more.length > 0)
    throw new JwtError('review_refused');
  return { username, uid, podUid };
}

function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function unavailable(hint: string | undefined): AccessError {
  return new AccessError('review_unavailable', hint);
}
