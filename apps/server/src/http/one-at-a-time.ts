import type { RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection, Connections } from '../connections.ts';
import { Refusal } from './refusal.ts';

/** Requests that may wait behind the one in hand. A client that sends ahead at all sends a few. */
const MOST_WAITING = 32;

/**
 * Lets requests of a connection that no certificate vouches for through one at a time, so that whoever sends a thousand in one piece is
 * served no more than others are. One that sends on without waiting for answers is dropped: nothing else keeps it from sending.
 */
export function oneAtATime(connections: Connections, handler: RequestListener): RequestListener {
  return (message, response) => {
    const { socket } = message;
    const connection = connections.of(socket);
    // What comes behind an ambiguous request may have been meant as a part of it: it is not looked at.
    if (connection?.spoiled === true || socket.destroyed) return;
    if (connection === undefined || connection.vouchedFor) {
      handler(message, response);
      return;
    }
    const begin = (): void => {
      connection.busy = true;
      response.once('close', () => next(connection, socket));
      handler(message, response);
    };
    if (!connection.busy) begin();
    else if (connection.waiting.length < MOST_WAITING) connection.waiting.push(begin);
    else socket.destroy(new Refusal('too_many_requests'));
  };
}

function next(connection: Connection, socket: Duplex): void {
  connection.busy = false;
  if (!connection.spoiled && !socket.destroyed) connection.waiting.shift()?.();
}
