import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import { bytesOf, range } from './items.ts';
import type { Opened } from './metadata-table.contract.ts';

const done = { kind: 'done', value: undefined };
const exists = { kind: 'condition-failed', item: undefined };

async function read(store: ObjectStore, key: string, from?: number, length = 1) {
  const outcome = await store.get(key, from === undefined ? undefined : { from, length });
  if (outcome.kind !== 'done') throw new Error(`a read ended as kind=${outcome.kind}`);
  return outcome.value === undefined ? undefined : [...outcome.value];
}

async function keysOf(store: ObjectStore, prefix: string, after?: string): Promise<string[]> {
  const outcome = await store.list(prefix, after);
  if (outcome.kind !== 'done') throw new Error(`a listing ended as kind=${outcome.kind}`);
  const { keys, next } = outcome.value;
  return next === undefined ? [...keys] : [...keys, ...(await keysOf(store, prefix, next))];
}

async function* streamOf(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

/** What every `ObjectStore` does. `open` gives an empty one. */
export function describeObjectStore(name: string, open: () => Promise<Opened<ObjectStore>>): void {
  describe(`${name}: object store`, () => {
    let opened: Opened<ObjectStore>;
    let store: ObjectStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    describePut(() => store);
    describeParts(() => store);
    describeNames(() => store);
    describeBounds(() => store);
  });
}

function describePut(store: () => ObjectStore): void {
  test('an object comes back byte by byte, whole and in ranges', async () => {
    const bytes = Uint8Array.from(range(256));
    expect(await store().put('a/b', bytes)).toEqual(done);
    expect(await read(store(), 'a/b')).toEqual(range(256));
    expect(await read(store(), 'a/b', 0, 1)).toEqual([0]);
    expect(await read(store(), 'a/b', 10, 3)).toEqual([10, 11, 12]);
    expect(await read(store(), 'a/b', 254, 2)).toEqual([254, 255]);
  });

  test('a range past the end is cut to what is there', async () => {
    await store().put('a', bytesOf(1, 2, 3));
    expect(await read(store(), 'a', 2, 100)).toEqual([3]);
    expect(await read(store(), 'a', 3, 1)).toEqual([]);
    expect(await read(store(), 'a', 1_000, 1)).toEqual([]);
  });

  test('what was never put is absent', async () => {
    expect(await read(store(), 'a')).toBeUndefined();
    expect(await read(store(), 'a', 5, 5)).toBeUndefined();
  });

  test('an object may be empty', async () => {
    await store().put('a', bytesOf());
    expect(await read(store(), 'a')).toEqual([]);
  });

  test('a key is written once', async () => {
    await store().put('a', bytesOf(1));
    expect(await store().put('a', bytesOf(2))).toEqual(exists);
    expect(await store().putParts('a', streamOf(bytesOf(3)))).toEqual(exists);
    expect(await read(store(), 'a')).toEqual([1]);
  });

  test('of 100 racing puts one wins', async () => {
    const outcomes = await Promise.all(
      range(100).map((n) =>
        n % 2 === 0 ? store().put('a', bytesOf(n)) : store().putParts('a', streamOf(bytesOf(n))),
      ),
    );
    const winners = outcomes.flatMap((outcome, n) => (outcome.kind === 'done' ? [n] : []));
    expect(winners).toHaveLength(1);
    expect(await read(store(), 'a')).toEqual(winners);
    expect(outcomes.filter((outcome) => outcome.kind === 'condition-failed')).toHaveLength(99);
  });

  test('bytes changed by a caller, before or after, change nothing in the store', async () => {
    const bytes = Buffer.from([1, 2]);
    const putting = store().put('a', bytes);
    bytes.fill(9);
    await putting;
    const outcome = await store().get('a');
    if (outcome.kind === 'done') outcome.value?.fill(8);
    expect(await read(store(), 'a')).toEqual([1, 2]);
  });
}

function describeParts(store: () => ObjectStore): void {
  const part = (value: number): Uint8Array => new Uint8Array(5 * 1024 * 1024).fill(value);

  test('parts become one object, invisible until complete', async () => {
    let seen: unknown;
    const parts = async function* (): AsyncGenerator<Uint8Array> {
      yield part(1);
      seen = [await read(store(), 'big'), await keysOf(store(), '')];
      yield bytesOf(2);
    };
    expect(await store().putParts('big', parts())).toEqual(done);
    expect(seen).toEqual([undefined, []]);
    expect(await read(store(), 'big', 5 * 1024 * 1024 - 1, 10)).toEqual([1, 2]);
  });

  test('no parts are an empty object', async () => {
    expect(await store().putParts('none', streamOf())).toEqual(done);
    expect(await read(store(), 'none')).toEqual([]);
  });

  test('if the parts throw, nothing is there and the error is passed on', async () => {
    const error = new Error('mine');
    const parts = async function* (): AsyncGenerator<Uint8Array> {
      yield part(1);
      throw error;
    };
    await expect(store().putParts('big', parts())).rejects.toBe(error);
    expect(await read(store(), 'big')).toBeUndefined();
    expect(await store().put('big', bytesOf(1))).toEqual(done);
  });

  test('a small part before the last is a bug', async () => {
    const parts = streamOf(bytesOf(1), bytesOf(2));
    await expect(store().putParts('big', parts)).rejects.toThrow('too small');
    expect(await keysOf(store(), '')).toEqual([]);
  });
}

function describeNames(store: () => ObjectStore): void {
  const long = 'l'.repeat(200);
  const keys = [
    'a',
    'a/b',
    'a!',
    'a-/c',
    'a0',
    'a//b',
    '/',
    '//',
    '.',
    '..',
    './x',
    '../x',
    '../../etc/x',
    'A',
    "it's*(odd).!-_",
    long,
    `${long}/x`,
    `${long}!x`,
    `${long}0`,
    `${long}${long}/y`,
    'z'.repeat(1024),
    `${'n/'.repeat(500)}n`,
    'tmp',
    'trailing/',
  ];

  test('keys are kept apart and listed in the order of their bytes', async () => {
    const outcomes = await Promise.all(keys.map((key, n) => store().put(key, bytesOf(n))));
    expect(outcomes).toEqual(keys.map(() => done));
    expect(await Promise.all(keys.map((key) => read(store(), key)))).toEqual(
      keys.map((_, n) => [n]),
    );
    const sorted = keys.toSorted();
    expect(await keysOf(store(), '')).toEqual(sorted);
    for (const prefix of ['a', 'a/', 'a/b', '.', '../', 'l', long, `${long}/`, '/', 'none']) {
      expect(await keysOf(store(), prefix)).toEqual(sorted.filter((k) => k.startsWith(prefix)));
    }
    for (const after of [...sorted, 'a/a', 'zz', ' ']) {
      expect(await keysOf(store(), '', after)).toEqual(sorted.filter((key) => key > after));
    }
    expect(await keysOf(store(), 'a', 'a/b')).toEqual(['a0']);
  });

  test('a listing has pages of at most 1,000 keys', async () => {
    const many = range(1_001).map((n) => `m/${String(n).padStart(4, '0')}`);
    for (const n of range(11)) {
      const slice = many.slice(n * 100, n * 100 + 100);
      await Promise.all(slice.map((key) => store().put(key, bytesOf(1))));
    }
    const first = await store().list('m/');
    expect(first.kind === 'done' && first.value.keys.length).toBe(1_000);
    expect(first.kind === 'done' && first.value.next).toBe('m/0999');
    expect(await keysOf(store(), 'm/')).toEqual(many);
    const gone = await store().delete(many.slice(0, 1_000));
    expect(gone).toEqual({ kind: 'done', value: many.slice(0, 1_000) });
    expect(await keysOf(store(), 'm/')).toEqual(['m/1000']);
  });

  test('what is deleted is gone, and what was absent counts as gone', async () => {
    await store().put('a', bytesOf(1));
    await store().put('a/b', bytesOf(1));
    const outcome = await store().delete(['a', 'never/was']);
    expect(outcome).toEqual({ kind: 'done', value: ['a', 'never/was'] });
    expect(await read(store(), 'a')).toBeUndefined();
    expect(await keysOf(store(), '')).toEqual(['a/b']);
    expect(await store().delete([])).toEqual({ kind: 'done', value: [] });
  });
}

function describeBounds(store: () => ObjectStore): void {
  test.each(['', 'é', 'a b', 'a\\b', 'a%b', 'a\u0000', 'a@', 'k'.repeat(1_025)])(
    'the key %j is refused',
    async (key) => {
      await expect(store().put(key, bytesOf(1))).rejects.toThrow('key');
      await expect(store().putParts(key, streamOf())).rejects.toThrow('key');
      await expect(store().get(key)).rejects.toThrow('key');
      await expect(store().delete([key])).rejects.toThrow('key');
    },
  );

  test.each([
    [-1, 1],
    [0.5, 1],
    [0, 0],
    [0, 1.5],
  ])('the range from=%d length=%d is refused', async (from, length) => {
    await expect(store().get('a', { from, length })).rejects.toThrow('range');
  });

  test('more than 1,000 deletions are refused', async () => {
    await expect(store().delete(range(1_001).map(String))).rejects.toThrow('too many');
  });
}
