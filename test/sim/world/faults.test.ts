import { describe, expect, test } from 'vitest';
import { createMemoryObjects } from '../../../lib/adapters/memory/objects.ts';
import type { Item } from '../../../lib/ports/metadata-table.ts';
import { Seeded } from '../../engine/seeded.ts';
import { Host, epochMs } from './host.ts';
import { drawMix } from './mix.ts';
import type { FaultKind, Mix } from './mix.ts';
import { Network } from './network.ts';
import { formatOf, hasNewerField, newerRelease } from './newer-release.ts';
import { Scheduler } from './scheduler.ts';
import { adjusted, leavable } from './shrink.ts';
import { simObjects } from './sim-objects.ts';
import { simTable } from './sim-table.ts';
import { TableStore } from './table-store.ts';
import { Trace } from './trace.ts';
import { World } from './world.ts';

const noBadLuck = adjusted(drawMix(new Seeded(1), 'logs'), { without: leavable });

/** One process and its stores, in a storm in which nothing happens but this. */
function stormy(changes: Partial<Mix> = {}, fault?: FaultKind) {
  const faults = { ...noBadLuck.faults, ...(fault === undefined ? {} : { [fault]: 1 }) };
  const mix: Mix = { ...noBadLuck, ...changes, faults };
  const scheduler = new Scheduler();
  const trace = new Trace(false, () => scheduler.nowMs);
  const network = new Network(scheduler, new Seeded(2), mix, trace);
  network.storm = true;
  const store = new TableStore(scheduler, mix.unitsPerSecond);
  const host = new Host('p1', scheduler, trace, { skewMs: 0, stops: false, knows: 1 });
  const table = simTable(host, network, store, mix);
  const memory = createMemoryObjects();
  const objects = simObjects(host, network, memory, mix);
  const stored = async (sk = 'a'): Promise<number | undefined> => {
    const found = await store.table.get({ pk: 'k', sk }, { consistent: true });
    return found.kind === 'done' ? found.value?.version : undefined;
  };
  return { scheduler, network, store, host, table, objects, memory, stored };
}

const item = (version: number, sk = 'a'): Item => {
  const [body, appended] = [new Uint8Array(0), []];
  return { pk: 'k', sk, version, body, appended, bytes: 0, limit: -1 };
};
const key = { pk: 'k', sk: 'a' };
const any = { kind: 'any' } as const;

/** Lets things happen until it is settled, or until nothing is left to happen. */
async function settled<T>(scheduler: Scheduler, promise: Promise<T>): Promise<T | 'never'> {
  let value: T | 'never' = 'never';
  let over = false;
  const wait = async (): Promise<void> => {
    value = await promise;
    over = true;
  };
  void wait();
  await scheduler.run(() => over);
  return value;
}

describe('a call', () => {
  test('whose request is lost is never applied', async () => {
    const { scheduler, table, stored } = stormy({}, 'lose-request');
    const outcome = await settled(scheduler, table.put(item(1), any));
    await scheduler.drain();
    expect(outcome).toEqual({ kind: 'indeterminate', cause: 'lose-request' });
    expect(await stored()).toBeUndefined();
  });

  test('whose answer is lost was applied', async () => {
    const { scheduler, table, stored } = stormy({}, 'lose-reply');
    const outcome = await settled(scheduler, table.put(item(1), any));
    expect(outcome).toEqual({ kind: 'indeterminate', cause: 'lose-reply' });
    expect(await stored()).toBe(1);
  });

  test.each(['waits', 'dies'])(
    'that is late is applied when its sender, who %s, has given up',
    async (fate) => {
      const { scheduler, table, host, stored } = stormy({}, 'late');
      const outcome = await settled(scheduler, table.put(item(1), any));
      expect(outcome).toEqual({ kind: 'indeterminate', cause: 'late' });
      expect(await stored()).toBeUndefined();
      if (fate === 'dies') host.crash();
      await scheduler.drain();
      expect(await stored()).toBe(1);
    },
  );

  test('to read is unavailable when its answer is lost', async () => {
    const { scheduler, table } = stormy({}, 'lose-reply');
    const outcome = await settled(scheduler, table.get(key, { consistent: true }));
    expect(outcome).toEqual({ kind: 'unavailable', cause: 'lose-reply' });
  });

  test.each(['throttle', 'unavailable'] as const)('of %s changes nothing', async (fault) => {
    const { scheduler, table, stored } = stormy({}, fault);
    const outcome = await settled(scheduler, table.put(item(1), any));
    expect(outcome).toMatchObject({ kind: fault === 'throttle' ? 'throttled' : fault });
    await scheduler.drain();
    expect(await stored()).toBeUndefined();
  });

  test('of a process that dies is never answered', async () => {
    const { scheduler, table, host, stored } = stormy();
    const call = table.put(item(1), any);
    host.crash();
    expect(await settled(scheduler, call)).toBe('never');
    expect(await stored()).toBe(1);
    expect(await settled(scheduler, table.put(item(2), any))).toBe('never');
    expect(await stored()).toBe(1);
  });

  test('may be the last of its process, whether or not it is made', async () => {
    let made = 0;
    for (let i = 0; i < 40; i += 1) {
      const { scheduler, table, host, network, stored } = stormy({ crashPerCall: 1 });
      for (let skip = 0; skip < i; skip += 1) network.random.next();
      await settled(scheduler, table.put(item(1), any));
      await scheduler.drain();
      expect(host.alive).toBe(false);
      if ((await stored()) === 1) made += 1;
    }
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(40);
  });
});

describe('a table', () => {
  test('takes so many units a second', async () => {
    const { scheduler, table } = stormy({ unitsPerSecond: 2 });
    const large = { ...item(1), body: new Uint8Array(4_500) };
    const put = () => settled(scheduler, table.put(large, any));
    expect(await put()).toMatchObject({ kind: 'done' });
    await settled(scheduler, scheduler.sleep(1_000));
    expect(await put()).toEqual({ kind: 'throttled' });
    await settled(scheduler, scheduler.sleep(1_000));
    expect(await put()).toMatchObject({ kind: 'done' });
  });

  test('gives an eventual read an older state in a storm, a strong one never', async () => {
    const { scheduler, table, network } = stormy();
    for (const version of [1, 2, 3]) await settled(scheduler, table.put(item(version), any));
    const seen = async (consistent: boolean): Promise<ReadonlySet<unknown>> => {
      const versions = new Set<unknown>();
      for (let i = 0; i < 60; i += 1) {
        const found = await settled(scheduler, table.get(key, { consistent }));
        versions.add(found !== 'never' && found.kind === 'done' ? found.value?.version : found);
      }
      return versions;
    };
    expect(await seen(true)).toEqual(new Set([3]));
    expect(await seen(false)).toEqual(new Set([undefined, 1, 2, 3]));
    network.storm = false;
    expect(await seen(false)).toEqual(new Set([3]));
  });

  test('reads the items of a query at two moments', async () => {
    const seen = new Set<string>();
    const { scheduler, table } = stormy({ tornQuery: 1 });
    for (let version = 0; version < 60; version += 1) {
      const query = table.query('k', { from: 'a', to: 'b' }, { limit: 9, consistent: true });
      void table.put(item(version, 'a'), any).then(() => table.put(item(version, 'b'), any));
      const page = await settled(scheduler, query);
      await scheduler.drain();
      const items = page !== 'never' && page.kind === 'done' ? page.value.items : [];
      const [a = -1, b = -1] = ['a', 'b'].map((sk) => items.find((i) => i.sk === sk)?.version);
      seen.add(a < b ? 'only b' : a > b ? 'only a' : 'both or none');
    }
    // Written after a, b is seen without it.
    expect(seen).toEqual(new Set(['only a', 'only b', 'both or none']));
  });

  test('refuses a transaction for a conflict, and then does nothing of it', async () => {
    const { scheduler, table, stored } = stormy({ conflict: 1 });
    const put = { kind: 'put', item: item(1), condition: any } as const;
    expect(await settled(scheduler, table.transact([put]))).toEqual({ kind: 'conflict' });
    expect(await stored()).toBeUndefined();
  });
});

test('of objects that are deleted some may stay, and that is told', async () => {
  const { scheduler, objects, memory } = stormy({ partialDelete: 1 });
  const keys = Array.from({ length: 20 }, (_, i) => `stage/${i}`);
  for (const name of keys) await memory.put(name, new Uint8Array(1));
  const outcome = await settled(scheduler, objects.delete(keys));
  const gone = outcome !== 'never' && outcome.kind === 'done' ? outcome.value : [];
  expect(gone.length).toBeGreaterThan(0);
  expect(gone.length).toBeLessThan(20);
  const left = await memory.list('stage/');
  expect(left).toMatchObject({ value: { keys: keys.filter((k) => !gone.includes(k)).toSorted() } });
});

describe('a machine', () => {
  test('that is frozen holds timers and answers until it thaws', async () => {
    const { scheduler, host, table } = stormy();
    const [woken, answered]: number[][] = [[], []];
    void host.clock.sleep(10).then(() => woken?.push(scheduler.nowMs));
    void table.get(key, { consistent: true }).then(() => answered?.push(scheduler.nowMs));
    host.freeze(1_000);
    await scheduler.drain();
    expect([woken, answered]).toEqual([[1_000], [1_000]]);
  });

  test('that is frozen may find its connections broken', async () => {
    const kinds = new Set<string>();
    const { scheduler, host, table } = stormy();
    for (let i = 0; i < 20; i += 1) {
      const call = table.put(item(i), any);
      host.freeze(1_000);
      const outcome = await settled(scheduler, call);
      kinds.add(outcome === 'never' ? outcome : outcome.kind);
    }
    expect(kinds).toEqual(new Set(['done', 'indeterminate']));
  });

  test.each([true, false])('whose clock stands still while frozen: %s', async (stops) => {
    const scheduler = new Scheduler();
    const trace = new Trace(false, () => scheduler.nowMs);
    const host = new Host('p1', scheduler, trace, { skewMs: 0, stops, knows: 1 });
    host.freeze(1_000);
    await scheduler.drain();
    expect(host.clock.monotonic()).toBe(stops ? 0 : 1_000);
    expect(host.clock.now()).toBe(epochMs + 1_000);
  });

  test('has a calendar that is wrong and jumps; what services say holds it back', async () => {
    const { scheduler, host, table } = stormy();
    host.skewMs = 60_000;
    expect(host.clock.now()).toBe(epochMs + 60_000);
    expect(host.clock.serviceNow()).toBe(epochMs + 60_000);
    await settled(scheduler, scheduler.sleep(2_500));
    await settled(scheduler, table.get(key, { consistent: true }));
    expect(host.clock.serviceNow()).toBe(epochMs + 2_000);
    const before = host.clock.monotonic();
    host.skewMs = -60_000;
    expect(host.clock.serviceNow()).toBe(host.clock.now());
    expect(host.clock.now()).toBeLessThan(epochMs);
    expect(host.clock.monotonic()).toBe(before);
  });

  test('rests when it has answered, and goes on when it is asked again', async () => {
    const world = new World(1, { ...noBadLuck, resting: 1 }, false);
    const running = world.start();
    const { scheduler } = world;
    const ticks: number[] = [];
    const { clock } = running.host;
    const ask = (ms: number) => {
      const call = world.call('c', running, 'sleep', 60_000, () => clock.sleep(ms));
      return settled(scheduler, call);
    };
    void clock.sleep(100).then(() => ticks.push(scheduler.nowMs));
    await ask(0);
    expect(running.host.frozen).toBe(true);
    await settled(scheduler, scheduler.sleep(60_000));
    expect(ticks).toEqual([]);
    const before = scheduler.nowMs;
    await ask(10);
    expect(ticks).toHaveLength(1);
    expect(ticks[0]).toBeGreaterThanOrEqual(before);
  });
});

test('nobody hears from a process that died, or waits for one for ever', async () => {
  const world = new World(1, noBadLuck, false);
  const running = world.start();
  const ask = () =>
    world.call('c', running, 'wait', 1_000, async ({ host }) => host.clock.sleep(5_000));
  const { scheduler } = world;
  expect(await settled(scheduler, ask())).toEqual({ kind: 'lost' });
  expect(scheduler.nowMs).toBe(1_000);
  scheduler.after(500, () => running.host.crash());
  expect(await settled(scheduler, ask())).toEqual({ kind: 'lost' });
  expect(scheduler.nowMs).toBeLessThan(1_600);
  expect(await settled(scheduler, ask())).toEqual({ kind: 'refused' });
});

describe('a newer release', () => {
  const slot: Item = { ...item(0, 'R#00'), body: new Uint8Array([1, 7]), limit: 0 };

  test('writes format 2 once that is switched on, and reads both', async () => {
    const { table } = new TableStore(new Scheduler(), 0);
    let level = 1;
    const newer = newerRelease(table, () => level);
    const formats = async () => {
      const [plain, translated] = await Promise.all(
        [table, newer].map(async (each) => each.get(slot, { consistent: true })),
      );
      return [plain, translated].map((found) =>
        found?.kind === 'done' && found.value !== undefined ? formatOf(found.value) : found,
      );
    };
    await newer.put(slot, any);
    expect(await formats()).toEqual([1, 1]);
    level = 2;
    await newer.put(slot, any);
    expect(await formats()).toEqual([2, 1]);
  });

  test('adds a field to topics', async () => {
    const { table } = new TableStore(new Scheduler(), 0);
    const topic: Item = { ...item(0, 't'), pk: 'TOPICS', body: Buffer.from('{"v":1}') };
    await table.put(topic, any);
    expect(hasNewerField(topic)).toBe(false);
    await newerRelease(table, () => 1).transact([{ kind: 'put', item: topic, condition: any }]);
    const found = await table.get(topic, { consistent: true });
    expect(found.kind === 'done' && found.value && hasNewerField(found.value)).toBe(true);
  });
});
