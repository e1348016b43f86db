import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach } from 'vitest';

export interface TestServer {
  readonly url: string;
  /** Connections so far. */
  readonly connections: () => number;
  /** Resolves when there were so many. */
  readonly connected: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const open = new Set<TestServer>();
afterEach(async () => {
  await Promise.all([...open].map((server) => server.close()));
});

/** A server that does with each connection what it is told. */
export function rawServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listen(createServer(onConnection));
}

/** An HTTP server that is given each request with its body. */
export function httpServer(
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
): Promise<TestServer> {
  return listen(
    createHttpServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => answer(request, response, Buffer.concat(chunks)));
    }),
  );
}

async function listen(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const started: TestServer = {
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    connected: async (count) => {
      for (;;) {
        if (connections >= count) return;
        await once(server, 'connection');
      }
    },
    close: async () => {
      if (!open.delete(started)) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  open.add(started);
  return started;
}
