import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { FunctionService } from './service.ts';

/** Of one function, with nothing else going on. Times in ms, sizes in bytes. */
export interface Figures {
  readonly duty: string;
  readonly bundleBytes: number;
  readonly gzippedBytes: number;
  /** From the start of the process until the runtime asks for work: medians of the cold starts. */
  readonly initMs: number;
  readonly firstCallMs: number;
  readonly warmP50Ms: number;
  readonly warmP99Ms: number;
  /** Resident memory of the process, after the warm calls and at most. */
  readonly residentBytes: number;
  readonly residentBytesMax: number;
}

const coldStarts = 3;

/** Starts the function anew a few times, and calls the last one often. `call` rejects if it is not answered. */
export async function measure(
  service: FunctionService,
  warmCalls: number,
  call: () => Promise<void>,
): Promise<Figures> {
  const { name, taskRoot } = service.code;
  const bundle = await readFile(join(taskRoot, 'index.mjs'));
  const inits: number[] = [];
  const firsts: number[] = [];
  for (let start = 0; start < coldStarts; start += 1) {
    await service.close();
    inits.push((await service.start()).initMs);
    firsts.push(await timeOf(service, call));
  }
  const warm: number[] = [];
  while (warm.length < warmCalls) warm.push(await timeOf(service, call));
  const sandbox = service.sandboxes.at(-1);
  return {
    duty: name,
    bundleBytes: bundle.length,
    gzippedBytes: gzipSync(bundle).length,
    initMs: quantile(inits, 0.5),
    firstCallMs: quantile(firsts, 0.5),
    warmP50Ms: quantile(warm, 0.5),
    warmP99Ms: quantile(warm, 0.99),
    residentBytes: sandbox?.memory.now ?? NaN,
    residentBytesMax: sandbox?.memory.most ?? NaN,
  };
}

async function timeOf(service: FunctionService, call: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await call();
  const ms = performance.now() - began;
  // Frozen again before the next call, as between the calls of one client.
  while (service.sandboxes.at(-1)?.isFree === false) await sleep(1);
  return ms;
}

function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const value = sorted[Math.ceil(part * sorted.length) - 1] ?? NaN;
  return Math.round(value * 10) / 10;
}
