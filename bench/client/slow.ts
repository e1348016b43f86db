import { pause } from '../measure.ts';
import type { Driver } from './driver.ts';

/** A record is taken, and the next one so much later. */
const perRecordMs = 10;
const idleMs = 500;
const sampleMs = 100;

export interface Held {
  readonly taken: number;
  /** Resident, of the client before it consumes. */
  readonly idleMiB: number;
  /** Resident beyond that: at the most, and in the middle of the time. */
  readonly peakMiB: number;
  readonly medianMiB: number;
  /** Buffers at the most, as Node counts them. */
  readonly buffersMiB: number;
}

/** What a consumer holds that is slower than the log. */
export async function consumeSlowly(driver: Driver, topic: string, ms: number): Promise<Held> {
  await pause(idleMs);
  globalThis.gc?.();
  const idleMiB = residentMiB();
  const resident: number[] = [];
  const buffers: number[] = [];
  const sampler = setInterval(() => {
    resident.push(residentMiB() - idleMiB);
    buffers.push(process.memoryUsage().arrayBuffers / 2 ** 20);
  }, sampleMs);
  let taken = 0;
  let until = Infinity;
  await driver.consume(topic, 'records', {
    ready: () => {
      until = performance.now() + ms;
    },
    take: async (records) => {
      taken += records;
      await pause(perRecordMs);
      return performance.now() < until;
    },
  });
  clearInterval(sampler);
  const sorted = resident.toSorted((a, b) => a - b);
  return {
    taken,
    idleMiB,
    peakMiB: sorted.at(-1) ?? 0,
    medianMiB: sorted[Math.floor(sorted.length / 2)] ?? 0,
    buffersMiB: Math.max(0, ...buffers),
  };
}

const residentMiB = (): number => process.memoryUsage.rss() / 2 ** 20;
