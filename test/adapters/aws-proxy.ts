import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/**
 * What becomes of a connection. `pass`: nothing. `reset-request`: it is reset when a request comes.
 * `reset-reply`: the request is served, and the connection reset instead of an answer. `swallow`:
 * what comes is read, and nothing ever happens. `swallow-reply`: it is served, and no answer ever
 * comes. `stall`: the answer stops after its headers. `drip`: its body comes byte by byte.
 */
export type Mode =
  | 'pass'
  | 'reset-request'
  | 'reset-reply'
  | 'swallow'
  | 'swallow-reply'
  | 'stall'
  | 'drip';

export interface Proxy {
  readonly url: string;
  mode: Mode;
  readonly close: () => Promise<void>;
}

const endOfHeaders = Buffer.from('\r\n\r\n');
/** Longer than the timeouts that tests set: the shortest answer has two bytes. */
const dripEveryMs = 600;

/** A loopback proxy in front of `target`, which does to connections what networks do. */
export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    const service = connect(Number(port), hostname);
    keep(service);
    client.on('close', () => service.destroy());
    service.on('close', () => client.destroy());
    client.on('data', (bytes) => {
      if (proxy.mode === 'reset-request') client.resetAndDestroy();
      else if (proxy.mode !== 'swallow') service.write(bytes);
    });
    service.on('data', answering(proxy, client));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode: 'pass',
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
  return proxy;
}

/** What the service says, piece by piece, as the client comes to see it. */
function answering(proxy: Proxy, client: Socket): (bytes: Buffer) => void {
  const dripping: number[] = [];
  let isDripping = false;
  let inBody = false;
  const drip = (): void => {
    const next = dripping.shift();
    isDripping = next !== undefined && !client.destroyed;
    if (next === undefined || !isDripping) return;
    client.write(Uint8Array.of(next));
    setTimeout(drip, dripEveryMs);
  };
  return (bytes) => {
    const { mode } = proxy;
    if (mode === 'pass') client.write(bytes);
    if (mode === 'reset-reply') client.resetAndDestroy();
    if (mode !== 'stall' && mode !== 'drip') return;
    const end = bytes.indexOf(endOfHeaders);
    const bodyFrom = inBody ? 0 : end < 0 ? bytes.length : end + endOfHeaders.length;
    inBody ||= end >= 0;
    client.write(bytes.subarray(0, bodyFrom));
    if (mode === 'stall') return;
    dripping.push(...bytes.subarray(bodyFrom));
    if (!isDripping) drip();
  };
}
