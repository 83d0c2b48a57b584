import {
  ANONYMOUS,
  boundPodOf,
  checkClaims,
  type Claims,
  CLOCK_SKEW,
  type Clock,
  IssuerKeys,
  type JsonWebToken,
  JwtError,
  type Principal,
  readToken,
} from '#identity';
import type { Authority } from '../authority/authority.ts';
import { CompiledRule } from './issuer.ts';
import type { StoredIssuer } from '../authority/records.ts';
import type { TokenReviewer } from './token-reviewer.ts';

/** A token that proves which workload sends it. */
export interface ProvenToken {
  /** Nobody by name; in the log, whose token it was. */
  readonly caller: Principal;
  readonly spiffeId: string;
  /** As it was when the token was checked. */
  readonly issuer: StoredIssuer;
  /** Seconds that its certificates last, where the rule says so, and their DNS names. */
  readonly ttl: number | undefined;
  readonly dnsNames: readonly string[];
  /** How many keys it may be shown with. */
  readonly mostKeys: number;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** From then on it proves nothing any more. */
  readonly expiresAt: string;
}

/** A pod's containers and its restarts share one ServiceAccount token; a job's token is for the job. */
const MOST_KEYS = { kubernetes: 16, jwt: 1 } as const;

interface Compiled {
  readonly keys: IssuerKeys;
  readonly rules: readonly CompiledRule[];
}

/** Knows workloads by the tokens of the issuers on record. It looks at the authority and changes nothing. */
export class TrustedIssuers {
  readonly #authority: Authority;
  readonly #reviewer: TokenReviewer;
  readonly #clock: Clock;
  /** By the very record: one that is put anew is compiled anew. */
  readonly #compiled = new WeakMap<StoredIssuer, Compiled>();

  constructor(authority: Authority, reviewer: TokenReviewer, clock: Clock) {
    this.#authority = authority;
    this.#reviewer = reviewer;
    this.#clock = clock;
  }

  /**
   * The signature comes first: of a token that nobody on record has signed, nothing else is said.
   *
   * @throws JwtError; AccessError `review_unavailable` when a token has to be reviewed and can't
   */
  async prove(text: string): Promise<ProvenToken> {
    const token = readToken(text);
    const issuer = this.#issuerOf(token);
    const { keys, rules } = this.#compiledOf(issuer);
    if (issuer.keys.length > 0) await keys.verify(token);
    else await this.#review(token, issuer);
    checkClaims(token.claims, { issuer: issuer.url, audiences: issuer.audiences, now: this.#clock.now() });
    if (issuer.kind === 'kubernetes') boundPodOf(token.claims);
    // Strangers make this server ask only where nothing else tells a token from a made-up one.
    if (issuer.review === true && issuer.keys.length > 0) await this.#review(token, issuer);
    const rule = ruleOf(rules, token.claims);
    const spiffeId = rule.template.idOf(token.claims).text;
    const validity = { from: Number(token.claims['iat']) * 1000, until: (Number(token.claims['exp']) + CLOCK_SKEW) * 1000 };
    return {
      caller: { ...ANONYMOUS, method: 'jwt', credential: `jwt:${issuer.issuer}:${token.id}`, validity },
      spiffeId,
      issuer,
      ttl: rule.ttl,
      dnsNames: rule.dnsNamesOf(token.claims),
      mostKeys: MOST_KEYS[issuer.kind],
      issuedAt: validity.from,
      expiresAt: new Date(validity.until).toISOString(),
    };
  }

  /** The API server must see in it what it says of itself. */
  async #review({ text, claims }: JsonWebToken, { audiences }: StoredIssuer): Promise<void> {
    const { username, uid, podUid } = await this.#reviewer.review(text, audiences);
    const { serviceAccount, pod } = boundPodOf(claims);
    if (username !== claims['sub'] || uid !== serviceAccount.uid || podUid !== pod.uid) throw new JwtError('review_refused');
  }

  /** What the token says of its issuer chooses the keys, which then must have signed it. */
  #issuerOf({ claims }: JsonWebToken): StoredIssuer {
    const [issuer, ...more] = this.#authority.all('issuer').filter(({ body }) => body.url === claims['iss']);
    if (issuer === undefined || more.length > 0) throw new JwtError('unknown_issuer');
    return issuer.body;
  }

  #compiledOf(issuer: StoredIssuer): Compiled {
    const known = this.#compiled.get(issuer);
    if (known !== undefined) return known;
    const compiled = { keys: new IssuerKeys(issuer.keys), rules: issuer.rules.map((rule) => new CompiledRule(rule)) };
    this.#compiled.set(issuer, compiled);
    return compiled;
  }
}

/** Exactly one rule speaks: where two do, somebody meant less than what is written. */
function ruleOf(rules: readonly CompiledRule[], claims: Claims): CompiledRule {
  const [rule, ...more] = rules.filter((each) => each.holds(claims));
  if (rule === undefined) throw new JwtError('no_rule');
  if (more.length > 0) throw new JwtError('several_rules');
  return rule;
}
