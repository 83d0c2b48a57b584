import { once } from 'node:events';
import { type Server, createServer } from 'node:net';

/** As many distinct ports of 127.0.0.1 as asked for, all free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listening(0)));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(closed));
  return ports;
}

/** Whether every one of these ports of 127.0.0.1 can be listened on now. */
export async function areFree(ports: readonly number[]): Promise<boolean> {
  const attempts = await Promise.allSettled(ports.map(listening));
  const opened = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  await Promise.all(opened.map(closed));
  return opened.length === ports.length;
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** The TCP port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}
