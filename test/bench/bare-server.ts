/**
 * The other side of every comparison, a process of its own: bare `node:https` with mutual TLS that answers with the
 * bytes it is told. No audit, no policy, no storage. Told over IPC what to answer; says over IPC where it listens.
 */
import { createServer } from 'node:https';
import { constants } from 'node:crypto';
import { portOf } from '../support/ports.ts';

/** What the server answers to a method, whatever the path. */
export interface BareAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Its own certificate, whom it lets in, and its answers by method. */
export interface BareSettings {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  readonly answers: Readonly<Record<string, BareAnswer>>;
}

process.on('message', (settings: BareSettings) => {
  const { key, cert, ca, answers } = settings;
  const tls = { key, cert, ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' } as const;
  const server = createServer({ ...tls, secureOptions: constants.SSL_OP_NO_TICKET }, (request, response) => {
    const answer = answers[request.method ?? ''];
    if (!answer) return void response.writeHead(405).end();
    const send = (): void => void response.writeHead(answer.status, [...answer.headers]).end(answer.body);
    if (request.method === 'GET') return send();
    request.resume().on('end', send);
  });
  server.listen(0, '127.0.0.1', () => process.send?.(portOf(server)));
});
process.on('disconnect', () => process.exit(0));
