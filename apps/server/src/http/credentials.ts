import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** What the handshake brought: the client's leaf, linked to what was sent with it, and whether OpenSSL verified the chain. */
export interface PresentedCertificate {
  readonly kind: 'certificate';
  readonly leaf: X509Certificate;
  readonly verified: boolean;
}

/** From the request's one `Authorization` header: a session's token, or a one-time operator token. Its prefix says which. */
export interface PresentedToken {
  readonly kind: 'session' | 'token';
  readonly token: string;
}

export type Credential = PresentedCertificate | PresentedToken;

const BEARER = /^Bearer (hf[so]_[A-Za-z0-9_-]{1,128})$/;

/**
 * The one credential of a request. Two are refused, not merged: no request is decided for one caller and recorded for another.
 *
 * @throws Refusal `several_credentials`, `session_refused`
 */
export function credentialOf({ socket, headers: { authorization } }: IncomingMessage): Credential | undefined {
  const leaf = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (leaf !== undefined && authorization !== undefined) throw new Refusal('several_credentials');
  if (leaf !== undefined) return { kind: 'certificate', leaf, verified: socket instanceof TLSSocket && socket.authorized };
  return authorization === undefined ? undefined : tokenIn(authorization);
}

function tokenIn(header: string): PresentedToken {
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new Refusal('session_refused');
  return { kind: token.startsWith('hfo_') ? 'token' : 'session', token };
}
