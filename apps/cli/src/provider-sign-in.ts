import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { ResponseOf } from '#contract';
import { call } from './client.ts';
import type { Endpoint } from './client-settings.ts';
import { Failure } from './failure.ts';
import { say } from './terminal.ts';
import { namedTarget } from './target.ts';

/** As long as the server keeps a sign-in that has begun. */
const PATIENCE_MS = 10 * 60_000;

/** What the browser is sent back with (RFC 6749, section 4.1.2; RFC 9207). */
interface Answer {
  readonly code: string;
  readonly state: string;
  readonly iss?: string;
}

/**
 * Signs in at an OpenID provider: a browser goes there and comes back to a port of this machine (RFC 8252), and what it brings is good only
 * together with the token that the server gave this command.
 */
export async function signInAt(endpoint: Endpoint, provider: string, opensBrowser: boolean): Promise<ResponseOf<'finishSignIn'>> {
  const target = namedTarget('oidc', provider);
  const listener = createServer({ requestTimeout: 5_000 });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  try {
    const body = { redirectUri: `http://127.0.0.1:${portOf(listener)}/callback` };
    const { authorizationUrl, flow } = await call<'startSignIn'>(endpoint, { method: 'POST', target: `${target}:start`, body });
    const url = checked(authorizationUrl);
    say(`sign in at ${url.href}`);
    if (opensBrowser) openBrowser(url);
    const answer = await answerFrom(listener, url.searchParams.get('state') ?? '');
    return await call<'finishSignIn'>(endpoint, { method: 'POST', target: `${target}:finish`, body: { flow, ...answer } });
  } finally {
    listener.close();
    listener.closeAllConnections();
  }
}

/** It is handed to a program that opens whatever it is given. */
function checked(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') throw new Failure('the server sends the browser to something else than https');
  return url;
}

/** Waits for the browser. What comes with another state is not it: any program here, and any page in a browser, can ask this port. */
function answerFrom(listener: Server, state: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Failure('nobody has signed in within ten minutes')), PATIENCE_MS);
    const settle = (answer: Answer | Failure): void => {
      clearTimeout(late);
      if (answer instanceof Failure) reject(answer);
      else resolve(answer);
    };
    listener.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const answer = answerIn(request, state);
      reply(response, answer);
      if (answer !== undefined) settle(answer);
    });
  });
}

function answerIn({ method, url = '' }: IncomingMessage, expected: string): Answer | Failure | undefined {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const [state, code, iss] = ['state', 'code', 'iss'].map((name) => searchParams.get(name) ?? undefined);
  if (method !== 'GET' || pathname !== '/callback' || state !== expected || expected === '') return undefined;
  if (code === undefined) return new Failure('the provider signs nobody in', { hint: 'what it says is in the browser' });
  return { code, state, ...(iss !== undefined && { iss }) };
}

function reply(response: ServerResponse, answer: Answer | Failure | undefined): void {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  };
  if (answer === undefined) response.writeHead(400, headers).end('this is not the answer that holdfast waits for\n');
  else response.writeHead(200, headers).end('holdfast has what it needs: you can close this page\n');
}

function openBrowser({ href }: URL): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  // Where there is no browser, the address has been printed.
  spawn(opener, [href], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

function portOf(listener: Server): number {
  const address = listener.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
