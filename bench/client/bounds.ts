import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { crcMiB, fdatasyncs, syncedMiB } from '../bounds.ts';
import { closedLoop } from '../measure.ts';
import type { Rate } from '../measure.ts';
import { isKafka } from './driver.ts';
import type { Target } from './driver.ts';
import { consumes } from './steps.ts';
import type { Step } from './steps.ts';

/** What the machine allows just now. */
export interface Bounds {
  /** There and back by TCP on the loopback: of a small request. */
  readonly exchangeMs: number;
  /** MiB/s of requests of 256 KiB, of answers of 1 MiB. */
  readonly requestsMiB: number;
  readonly answersMiB: number;
  /** An append of 4 KiB with its fdatasync; MiB/s of such appends of 256 KiB. */
  readonly syncMs: number;
  readonly syncedMiB: number;
  readonly crcMiB: number;
}

export const boundNames: readonly (readonly [keyof Bounds, string])[] = [
  ['exchangeMs', 'tcp there and back, ms'],
  ['requestsMiB', 'tcp requests of 256 KiB, MiB/s'],
  ['answersMiB', 'tcp answers of 1 MiB, MiB/s'],
  ['syncMs', 'fdatasync of 4 KiB, ms'],
  ['syncedMiB', 'fdatasync of 256 KiB, MiB/s'],
  ['crcMiB', 'crc32c, MiB/s'],
];

/** A server that does nothing with what it is sent. */
export class Echo {
  readonly #port: number;
  readonly stop: () => Promise<void>;

  private constructor(port: number, stop: () => Promise<void>) {
    this.#port = port;
    this.stop = stop;
  }

  static async start(): Promise<Echo> {
    const child = fork(join(import.meta.dirname, 'echo.ts'), { detached: true });
    const [port] = (await once(child, 'message')) as [number];
    return new Echo(port, async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    });
  }

  async exchange(requestBytes: number, answerBytes: number, ms: number): Promise<Rate> {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    await once(socket, 'connect');
    const head = Buffer.alloc(8);
    head.writeUInt32BE(requestBytes, 0);
    head.writeUInt32BE(answerBytes, 4);
    socket.write(head);
    const body = Buffer.alloc(requestBytes);
    let missing = 0;
    let done: () => void = () => undefined;
    socket.on('data', (chunk: Buffer) => {
      missing -= chunk.length;
      if (missing === 0) done();
    });
    try {
      return await closedLoop(1, ms, () => {
        missing = answerBytes;
        socket.write(body);
        return new Promise<void>((resolve) => {
          done = resolve;
        });
      });
    } finally {
      socket.destroy();
    }
  }
}

const KiB = 1024;

export async function measureBounds(echo: Echo, folder: string, ms: number): Promise<Bounds> {
  const small = await echo.exchange(200, 100, ms);
  const requests = await echo.exchange(256 * KiB, 100, ms);
  const answers = await echo.exchange(100, KiB * KiB, ms);
  const sync = await fdatasyncs(folder, ms);
  return {
    exchangeMs: small.p50Ms,
    requestsMiB: requests.perSecond / 4,
    answersMiB: answers.perSecond,
    syncMs: sync.p50Ms,
    syncedMiB: await syncedMiB(folder, ms, 256 * KiB),
    crcMiB: await crcMiB(ms),
  };
}

/**
 * What bounds a step: ms for `one`, else MiB/s. Undefined where the machine bounds nothing that can
 * be named: a single record in memory, and an emulator, which bounds all by itself.
 */
export function boundOf(step: Step, target: Target, bounds: Bounds): number | undefined {
  if (target.kind === 'stores') return undefined;
  const crosses = target.kind === 'http' || isKafka(target);
  const syncs = isKafka(target) ? target.synced : target.kind !== 'memory';
  if (consumes(step)) return crosses ? bounds.answersMiB : bounds.crcMiB;
  if (step.kind === 'one') {
    const ms = (crosses ? bounds.exchangeMs : 0) + (syncs ? bounds.syncMs : 0);
    return ms === 0 ? undefined : ms;
  }
  return Math.min(
    bounds.crcMiB,
    crosses ? bounds.requestsMiB : Infinity,
    syncs ? bounds.syncedMiB : Infinity,
  );
}
