import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { boundOf, Echo } from '../../bench/client/bounds.ts';
import { sendBatches } from '../../bench/client/driver.ts';
import type { Driver, Target } from '../../bench/client/driver.ts';
import { figuresOf } from '../../bench/client/figures.ts';
import type { Observed } from '../../bench/client/figures.ts';
import { checkSums } from '../../bench/client/kafka.ts';
import { openDriver } from '../../bench/client/open-driver.ts';
import { Performer } from '../../bench/client/perform.ts';
import { figuresText } from '../../bench/client/print.ts';
import { parse, processesOf, usageOf } from '../../bench/client/processes.ts';
import { consumeSlowly } from '../../bench/client/slow.ts';
import { consumes, steps } from '../../bench/client/steps.ts';
import type { Step } from '../../bench/client/steps.ts';
import { WorkerProcess } from '../../bench/client/worker-process.ts';

// The pieces of `npm run bench:client`, counted: no times, and no Kafka.

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-bench-client-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const limit = { ms: Infinity, records: 40 };
const stepOf = (kind: Step['kind'], partitions = 1): Step => {
  const found = steps.find((step) => step.kind === kind && step.partitions === partitions);
  if (found === undefined) throw new Error(`expected a step kind=${kind}`);
  return found;
};

describe.each(['memory', 'directory'] as const)('steps in %s', (kind) => {
  let driver: Driver;
  beforeEach(async () => {
    driver = await openDriver(kind === 'memory' ? { kind } : { kind, dir: join(folder, 'log') });
  });
  afterEach(() => driver.close());

  test('produce as many as they are told, and consume all of what `many` produced', async () => {
    const performer = new Performer(driver, 'x-');
    for (const step of steps.filter((each) => !consumes(each))) {
      const done = await performer.perform(step, limit);
      expect(done.records).toBe(limit.records);
      await performer.perform(step, { ...limit, records: 7 });
    }
    for (const step of steps.filter(consumes)) {
      const done = await performer.perform(step, { ms: Infinity, records: Infinity });
      expect(done.records).toBe(47);
    }
  });

  test('a slow consumer takes one record after the other', async () => {
    const performer = new Performer(driver, 'x-');
    expect(await performer.fill('slow', 1_024, limit)).toBe(40);
    const held = await consumeSlowly(driver, 'slow', 0);
    expect(held.taken).toBe(1);
    expect(held.idleMiB).toBeGreaterThan(1);
  });
});

test('nothing is consumed of a topic without records', async () => {
  const driver = await openDriver({ kind: 'memory' });
  const done = await new Performer(driver, 'x-').perform(stepOf('batches'), limit);
  expect(done.records).toBe(0);
  await driver.close();
});

test('a client in a process of its own does steps, says what failed, and ends', async () => {
  const worker = await WorkerProcess.start('memory', { kind: 'memory' });
  const done = await worker.step(stepOf('many', 8), limit);
  expect(done.records).toBe(40);
  expect(done.cpuMs).toBeGreaterThan(0);
  await worker.fill('twice', 10, limit);
  await expect(worker.fill('twice', 10, limit)).rejects.toThrow(/^memory: .*twice/);
  await worker.stop();
  await expect(WorkerProcess.start('http', { kind: 'http', url: 'no url' })).rejects.toThrow(
    /^http: .*url=no url$/,
  );
});

test('who makes batches himself sends them to all partitions, full ones, several at once', async () => {
  const sent: number[] = [];
  let underWay = 0;
  let most = 0;
  const load = { topic: 't', value: Buffer.alloc(1_024), partitions: 8 };
  const records = await sendBatches(
    load,
    (count) => count < 16 * 256,
    async (messages) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      expect(new Set(messages.map(({ partition }) => partition)).size).toBe(1);
      expect(messages).toHaveLength(256);
      sent.push(messages[0]?.partition ?? -1);
    },
  );
  expect(records).toBe(16 * 256);
  expect(sent.toSorted((a, b) => a - b)).toEqual([...Array(8).keys()].flatMap((n) => [n, n]));
  expect(most).toBe(8);
});

test('the echo answers as many bytes as it was asked for', async () => {
  const echo = await Echo.start();
  const small = await echo.exchange(100, 3, 1);
  const large = await echo.exchange(300_000, 2 ** 20, 1);
  await echo.stop();
  expect(small.perSecond).toBeGreaterThan(0);
  expect(large.perSecond).toBeGreaterThan(0);
});

test('what bounds a step: the network, the disk, both, or the checksum', () => {
  const bounds = {
    exchangeMs: 1,
    requestsMiB: 300,
    answersMiB: 400,
    syncMs: 10,
    syncedMiB: 200,
    crcMiB: 1_000,
  };
  const kafka = { kind: 'kafkajs', address: '', synced: false } as const;
  const targets: readonly (readonly [Target, readonly (number | undefined)[]])[] = [
    [{ kind: 'memory' }, [undefined, 1_000, 1_000]],
    [{ kind: 'directory', dir: '' }, [10, 200, 1_000]],
    [{ kind: 'http', url: '' }, [11, 200, 400]],
    [{ kind: 'stores', table: '', bucket: '' }, [undefined, undefined, undefined]],
    [kafka, [1, 300, 400]],
    [{ ...kafka, synced: true }, [11, 200, 400]],
  ];
  const asked = [stepOf('one'), stepOf('many'), stepOf('batches')];
  for (const [target, expected] of targets) {
    expect(asked.map((step) => boundOf(step, target, bounds))).toEqual(expected);
  }
});

test('figures are medians of the rounds, per record, and say what was not measured', () => {
  const round = (records: number, cpuMs: number): Observed => ({
    row: 'http',
    step: stepOf('many'),
    done: { records, ms: 1_000, p50Ms: 0, p99Ms: 0, cpuMs, residentMiB: 1 },
    serverCpuMs: 30,
    bound: 100,
  });
  expect(figuresOf([])).toBeUndefined();
  const rounds = [round(3_000, 3), round(1_000, 2), round(2_000, 40)];
  const figures = figuresOf(rounds);
  expect(figures).toMatchObject({
    recordsPerSecond: 2_000,
    mibPerSecond: (2_000 * 100) / 2 ** 20,
    cpuMicros: 2,
    serverCpuMicros: 15,
    p50Ms: Number.NaN,
    rounds: 3,
  });
  const text = figuresText(figures === undefined ? [] : [figures]);
  expect(text).toMatch(/http +2,000 +0\.191 +- +- +2\.00 +15\.0 +524$/m);
  const unseen = rounds.map((each) => ({ ...each, serverCpuMs: undefined, bound: undefined }));
  expect(figuresOf(unseen)).toMatchObject({ serverCpuMicros: Number.NaN, ratio: Number.NaN });
});

test('what /proc says of a process, also of one with a name of several words', () => {
  const stat = `7 (a) b c) S 1 7 7 0 -1 4194560 9 0 0 0 150 50 0 0 20 0 1 0 9 9 9`;
  expect(parse(stat, 'Name:\ta\nVmRSS:\t    2048 kB\n')).toEqual([
    { cpuMs: 2_000, residentMiB: 2 },
  ]);
  expect(parse('', '')).toEqual([]);
  expect(usageOf([])).toBeUndefined();
  expect(processesOf(folder)).toEqual([]);
});

test('files are taken only if they are those that are listed', async () => {
  writeFileSync(join(folder, 'a.jar'), 'abc');
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  await checkSums(folder, `${abc}  a.jar\n`);
  await expect(checkSums(folder, `${abc}  a.jar\n${abc}  b.jar\n`)).rejects.toThrow(/b\.jar/);
  writeFileSync(join(folder, 'a.jar'), 'abd');
  await expect(checkSums(folder, `${abc}  a.jar\n`)).rejects.toThrow(/differ.*a\.jar/);
});
