import { X509Certificate } from 'node:crypto';
import { AccessError } from '../errors.ts';
import { OperatorTemplate } from './operator-template.ts';
import type { ProviderSettings } from './provider-record.ts';
import { isRedirectUri } from './redirect-uri.ts';

const SCOPE = /^[!#-[\]-~]{1,64}$/;
const GROUP = /^[a-z][a-z0-9._@-]{0,63}$/;
const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*/g;

/** A provider as it comes over the wire: its shape has been checked, what it says has not. */
export interface ProviderInput {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly clientAuth?: 'basic' | 'post';
  readonly ca?: string;
  readonly redirectUris: readonly string[];
  readonly scopes?: readonly string[];
  readonly operator: string;
  readonly require?: ProviderSettings['require'];
  readonly groups?: ProviderSettings['groups'];
  readonly secondFactor?: ProviderSettings['secondFactor'];
  readonly userinfo?: boolean;
}

/** @throws AccessError `invalid_provider`; its hint names the place */
export function parseProvider(input: ProviderInput): ProviderSettings {
  const { issuer, clientId, clientAuth = 'basic', ca, redirectUris, scopes = [], operator, groups, secondFactor } = input;
  checkIssuer(issuer);
  if (ca !== undefined) checkAuthorities(ca);
  if (!redirectUris.every(isRedirectUri))
    throw invalid('redirectUris: https://…, or http:// with 127.0.0.1 or [::1], in canonical form and without a query');
  if (!scopes.every((scope) => SCOPE.test(scope)))
    throw invalid('scopes: a scope is of printable ASCII without space, quote and backslash');
  void new OperatorTemplate(operator);
  if (groups?.map.some(({ group }) => !GROUP.test(group)))
    throw invalid('groups: a group is a letter and up to 63 of a-z, 0-9 and . _ @ -');
  return {
    issuer,
    clientId,
    clientAuth,
    ...(ca !== undefined && { ca }),
    redirectUris,
    scopes: [...new Set(['openid', ...scopes])],
    operator,
    require: input.require ?? [],
    ...(groups !== undefined && { groups }),
    ...(secondFactor !== undefined && { secondFactor }),
    userinfo: input.userinfo ?? false,
  };
}

/** One spelling for one issuer: what another parser could read as another host is refused (OpenID Connect Discovery, section 3). */
function checkIssuer(issuer: string): void {
  const url = URL.parse(issuer);
  const canonical = url !== null && (url.href === issuer || url.href === `${issuer}/`);
  const plain = url?.protocol === 'https:' && url.username === '' && url.password === '' && !/[?#]/.test(issuer);
  if (!canonical || !plain || url.hostname.endsWith('.'))
    throw invalid('issuer: https://…, in canonical form, without user, query and fragment');
}

function checkAuthorities(pem: string): void {
  const blocks = pem.match(PEM) ?? [];
  if (blocks.length === 0 || blocks.join('') !== pem.trimStart() || !blocks.every(isAuthority))
    throw invalid('ca: CA certificates in PEM, and nothing else');
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}

function invalid(hint: string): AccessError {
  return new AccessError('invalid_provider', hint);
}
