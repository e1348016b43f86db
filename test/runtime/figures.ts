import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { must } from '../../lib/std/assert.ts';
import type { Sandbox } from './sandbox.ts';
import type { FunctionService } from './service.ts';

/** Of one function, as medians. Times in ms, of cores where it says CPU; sizes in bytes. */
export interface Figures {
  readonly duty: string;
  readonly bundle: number;
  readonly gzipped: number;
  /** From the start of the process until the runtime asks for work. */
  readonly init: number;
  readonly initCpu: number;
  readonly firstCall: number;
  readonly firstCallCpu: number;
  readonly warmP50: number;
  readonly warmP99: number;
  /** The mean: a call takes less than the kernel's step. */
  readonly warmCpu: number;
  /** Resident memory of the process after the warm calls, and at most. */
  readonly resident: number;
  readonly residentMax: number;
}

const coldStarts = 3;

/** Starts the function anew a few times, and calls it often. `call` rejects if it is not answered. */
export async function measure(
  service: FunctionService,
  warmCalls: number,
  call: () => Promise<void>,
): Promise<Figures> {
  const { name, taskRoot, handler } = service.code;
  const bundle = await readFile(join(taskRoot, handler.replace(/\.\w+$/, '.mjs')));
  const colds: { init: number; initCpu: number; first: number; firstCpu: number }[] = [];
  for (let start = 0; start < coldStarts; start += 1) {
    await service.close();
    const sandbox = await service.start();
    const initCpu = sandbox.cpuMs;
    const first = await timeOf(sandbox, call);
    colds.push({ init: sandbox.initMs, initCpu, first, firstCpu: sandbox.cpuMs - initCpu });
  }
  const sandbox = must(service.sandboxes.at(-1), 'a sandbox');
  const cpuBefore = sandbox.cpuMs;
  const warm: number[] = [];
  while (warm.length < warmCalls) warm.push(await timeOf(sandbox, call));
  const median = (of: (cold: (typeof colds)[number]) => number) => quantile(colds.map(of), 0.5);
  return {
    duty: name,
    bundle: bundle.length,
    gzipped: gzipSync(bundle).length,
    init: median(({ init }) => init),
    initCpu: median(({ initCpu }) => initCpu),
    firstCall: median(({ first }) => first),
    firstCallCpu: median(({ firstCpu }) => firstCpu),
    warmP50: quantile(warm, 0.5),
    warmP99: quantile(warm, 0.99),
    warmCpu: rounded((sandbox.cpuMs - cpuBefore) / warmCalls),
    resident: sandbox.memory.now,
    residentMax: sandbox.memory.most,
  };
}

async function timeOf(sandbox: Sandbox, call: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await call();
  const ms = performance.now() - began;
  // Frozen again before the next call, as between the calls of one client.
  while (!sandbox.isFree) await sleep(1);
  return ms;
}

function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return rounded(sorted[Math.ceil(part * sorted.length) - 1] ?? NaN);
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
