import { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { Connections } from './connections.ts';

const tlsSocket = (): TLSSocket => new TLSSocket(new Socket());

describe('the connections', () => {
  it('know the listener of each, and nothing of a stranger', () => {
    const connections = new Connections();
    const socket = tlsSocket();
    connections.secured('workload', socket);
    expect(connections.of(socket)?.listener).toBe('workload');
    expect(connections.of(new Duplex())).toBeUndefined();
  });

  it('expect company while a handshake is under way, and none once it is over or gone', () => {
    const connections = new Connections();
    expect(connections.expecting()).toBe(0);
    connections.accepted();
    connections.accepted();
    expect(connections.expecting()).toBe(2);
    connections.secured('workload', tlsSocket());
    expect(connections.expecting()).toBe(1);
    connections.failed();
    expect(connections.expecting()).toBe(0);
  });
});
