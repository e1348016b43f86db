import {
  closeSync,
  fdatasync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32c } from '../lib/protocol/crc32c.ts';
import { during } from './during.ts';

const sync = promisify(fdatasync);

/** What the machine itself could do, measured in the same run: nothing here can be faster. */
export interface Bounds {
  /** Appends of 200 bytes to a file, each followed by its own fdatasync. */
  readonly fdatasyncPerSecond: number;
  readonly crc32cMiBPerSecond: number;
  /** Requests of 100 bytes to an HTTP server that does nothing, 16 at a time. */
  readonly httpPerSecond: number;
}

export function facts(directory: string): string {
  const [cpu] = cpus();
  const filesystem = statfsSync(directory).type.toString(16);
  return `${cpus().length} × ${cpu?.model ?? 'unknown'}, node ${process.version}, file system 0x${filesystem}`;
}

export async function measureBounds(directory: string, seconds: number): Promise<Bounds> {
  return {
    fdatasyncPerSecond: await fdatasyncs(directory, seconds),
    crc32cMiBPerSecond: await crcs(seconds),
    httpPerSecond: await echoes(seconds),
  };
}

async function fdatasyncs(directory: string, seconds: number): Promise<number> {
  const own = mkdtempSync(join(directory, 'bound-'));
  const file = openSync(join(own, 'log'), 'w');
  const bytes = Buffer.alloc(200, 1);
  try {
    return await during(seconds, 1, async () => {
      writeSync(file, bytes);
      await sync(file);
      return 1;
    });
  } finally {
    closeSync(file);
    rmSync(own, { recursive: true });
  }
}

async function crcs(seconds: number): Promise<number> {
  const mib = Buffer.alloc(1024 * 1024, 7);
  return during(seconds, 1, async () => {
    crc32c(mib);
    return 1;
  });
}

async function echoes(seconds: number): Promise<number> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const body = Buffer.alloc(100, 1);
  const rate = await during(seconds, 16, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    await answer.arrayBuffer();
    return 1;
  });
  server.closeAllConnections();
  server.close();
  return rate;
}
