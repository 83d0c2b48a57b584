import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { Connections, MOST_STRANGERS } from './connections.ts';

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
    connections.accepted(new Socket());
    connections.accepted(new Socket());
    expect(connections.expecting()).toBe(2);
    connections.secured('workload', tlsSocket());
    expect(connections.expecting()).toBe(1);
    connections.failed();
    expect(connections.expecting()).toBe(0);
  });

  it('are so many from one address as nobody vouches for, and not one more', async () => {
    const connections = new Connections();
    const accept = (peer: string): Socket => {
      const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: peer });
      connections.accepted(socket);
      return socket;
    };
    const dropped = async (peer: string): Promise<boolean> => {
      const socket = accept(peer);
      if (socket.destroyed) await once(socket, 'close');
      return socket.destroyed;
    };
    const first = accept('192.0.2.1');
    for (let count = 1; count < MOST_STRANGERS; count += 1) expect(accept('192.0.2.1').destroyed).toBe(false);
    expect([await dropped('192.0.2.1'), await dropped('192.0.2.2')]).toEqual([true, false]);
    await once(first.destroy(), 'close');
    expect([await dropped('192.0.2.1'), await dropped('192.0.2.1')]).toEqual([false, true]);

    const verified = Object.defineProperties(tlsSocket(), { remoteAddress: { value: '192.0.2.1' }, authorized: { value: true } });
    connections.secured('workload', verified);
    expect([await dropped('192.0.2.1'), await dropped('192.0.2.1')]).toEqual([false, true]);
    await once(verified.destroy(), 'close');
    expect(await dropped('192.0.2.1')).toBe(true);
  });
});
