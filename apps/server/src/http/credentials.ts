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

/** A session's token, from the request's one `Authorization` header. */
export interface PresentedSession {
  readonly kind: 'session';
  readonly token: string;
}

export type Credential = PresentedCertificate | PresentedSession;

const BEARER = /^Bearer (hfs_[A-Za-z0-9_-]{1,128})$/;

/**
 * The one credential of a request. Two are refused, not merged: no request is decided for one caller and recorded for another.
 *
 * @throws Refusal `several_credentials`, `session_refused`
 */
export function credentialOf({ socket, headers: { authorization } }: IncomingMessage): Credential | undefined {
  const leaf = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (leaf !== undefined && authorization !== undefined) throw new Refusal('several_credentials');
  if (leaf !== undefined) return { kind: 'certificate', leaf, verified: socket instanceof TLSSocket && socket.authorized };
  return authorization === undefined ? undefined : { kind: 'session', token: bearerToken(authorization) };
}

function bearerToken(header: string): string {
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new Refusal('session_refused', { headers: { 'www-authenticate': 'Bearer' } });
  return token;
}
