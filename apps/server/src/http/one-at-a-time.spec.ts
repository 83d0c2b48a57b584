import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, it, vi } from 'vitest';
import { Connections } from '../connections.ts';
import { oneAtATime } from './one-at-a-time.ts';

function bench(authorized = false) {
  const connections = new Connections();
  const socket = Object.defineProperty(new TLSSocket(new Socket()), 'authorized', { value: authorized });
  const failures: unknown[] = [];
  socket.on('error', (error) => failures.push(error));
  connections.secured('operator', socket);
  const begun: ServerResponse[] = [];
  const handle = oneAtATime(connections, (_message, response) => begun.push(response));
  const send = (): void => {
    const message = new IncomingMessage(socket);
    handle(message, new ServerResponse(message));
  };
  return { connections, socket, failures, begun, send };
}

describe('requests of one connection', () => {
  it('are handled one at a time and in order where nobody vouches for it', () => {
    const { begun, send } = bench();
    for (let count = 0; count < 3; count += 1) send();
    for (const done of [1, 2, 3]) {
      expect(begun).toHaveLength(done);
      begun.at(-1)?.emit('close');
    }
    send();
    expect(begun).toHaveLength(4);
  });

  it('are handled as they come where a certificate vouches for it', () => {
    const { begun, send } = bench(true);
    for (let count = 0; count < 100; count += 1) send();
    expect(begun).toHaveLength(100);
  });

  it('are dropped, with the connection, where more than 32 wait', async () => {
    const { socket, failures, begun, send } = bench();
    for (let count = 0; count < 33; count += 1) send();
    expect(socket.destroyed).toBe(false);
    for (let count = 0; count < 100; count += 1) send();
    expect(socket.destroyed).toBe(true);
    begun[0]?.emit('close');
    expect(begun).toHaveLength(1);
    await vi.waitUntil(() => failures.length > 0);
    expect(failures).toEqual([expect.objectContaining({ code: 'too_many_requests' })]);
  });

  it('are left alone behind one that could be read in two ways', () => {
    const { connections, socket, begun, send } = bench();
    send();
    send();
    const connection = connections.of(socket);
    if (connection) connection.spoiled = true;
    begun[0]?.emit('close');
    send();
    expect(begun).toHaveLength(1);
  });
});
