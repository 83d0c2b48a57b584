import { claimAt } from './claims.ts';
import { IdentityError } from '../errors.ts';
import type { Claims } from './json-web-token.ts';
import { JwtError } from './jwt-error.ts';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const CLAIM = '\\{[A-Za-z0-9_-]{1,64}(?:\\.[A-Za-z0-9_-]{1,64}){0,7}\\}';
const ONE_LABEL = new RegExp(`^${LABEL}$`);
const PLACEHOLDER = new RegExp(CLAIM, 'g');
const FORM = new RegExp(`^(?:${LABEL}|${CLAIM})(?:\\.(?:${LABEL}|${CLAIM}))*$`);
const MAX_LENGTH = 253;

/** How claims become a DNS name: `{kubernetes.io.serviceaccount.name}.{kubernetes.io.namespace}.svc`. Each takes the place of one whole label. */
export class DnsTemplate {
  readonly #text: string;

  /** @throws IdentityError `invalid_issuer` */
  constructor(text: string) {
    this.#text = text;
    if (!FORM.test(text)) throw new IdentityError('invalid_issuer', 'dnsNames: labels in lower case, of which each may be one {claim}');
  }

  /** @throws JwtError `invalid_claim` when a claim is not there, or is not the text of one label */
  nameOf(claims: Claims): string {
    const name = this.#text.replaceAll(PLACEHOLDER, (placeholder) => {
      const value = claimAt(claims, placeholder.slice(1, -1));
      if (typeof value !== 'string' || !ONE_LABEL.test(value)) throw new JwtError('invalid_claim');
      return value;
    });
    if (name.length > MAX_LENGTH) throw new JwtError('invalid_claim');
    return name;
  }
}
