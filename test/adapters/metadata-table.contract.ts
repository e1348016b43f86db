import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Condition, Item, MetadataTable, Operation } from '../../lib/ports/metadata-table.ts';
import { InvariantError } from '../../lib/std/assert.ts';
import { bytesOf, itemWith, range, read, shown } from './items.ts';

export interface Opened<T> {
  readonly store: T;
  readonly close: () => Promise<void>;
}

const any: Condition = { kind: 'any' };
const absent: Condition = { kind: 'absent' };
const version = (v: number): Condition => ({ kind: 'version', version: v });
const below = (v: number): Condition => ({ kind: 'absent-or-below', version: v });
const done = { kind: 'done', value: undefined };
const whole = { from: '\u0001', to: '\u{10ffff}' };

/** What every `MetadataTable` does. `open` gives an empty one. */
export function describeMetadataTable(
  name: string,
  open: () => Promise<Opened<MetadataTable>>,
): void {
  describe(`${name}: metadata table`, () => {
    let opened: Opened<MetadataTable>;
    let table: MetadataTable;
    beforeEach(async () => {
      opened = await open();
      table = opened.store;
    });
    afterEach(() => opened.close());

    describeConditions(() => table);
    describeAppend(() => table);
    describeTransact(() => table);
    describeQuery(() => table);
    describeBounds(() => table);
  });
}

function describeConditions(table: () => MetadataTable): void {
  test('an item comes back as it was put', async () => {
    const all = Uint8Array.from(range(256));
    const item = itemWith({ version: 7, body: all, appended: [all, bytesOf(), bytesOf(0)] });
    expect(await table().put(item, any)).toEqual(done);
    expect(await read(table(), 'p', 's')).toEqual(shown(item));
    const eventual = await table().get(item, { consistent: false });
    expect(eventual.kind === 'done' && shown(eventual.value)).toEqual(shown(item));
  });

  test('what was never put is absent', async () => {
    expect(await read(table(), 'p', 's')).toBeUndefined();
  });

  test.each([-1, 0, 1, 2 ** 31, 2 ** 53 - 1])('version %d is kept exactly', async (v) => {
    const item = itemWith({ version: v, limit: -1 });
    await table().put(item, absent);
    expect(await table().put(item, version(v))).toEqual(done);
    expect(await read(table(), 'p', 's')).toEqual(shown(item));
  });

  test.each([
    ['any on nothing', undefined, any, true],
    ['any on an item', 3, any, true],
    ['absent on nothing', undefined, absent, true],
    ['absent on an item', 3, absent, false],
    ['version on nothing', undefined, version(3), false],
    ['version on that version', 3, version(3), true],
    ['version on another', 3, version(4), false],
    ['below on nothing', undefined, below(3), true],
    ['below on a lower version', 3, below(4), true],
    ['below on the same version', 3, below(3), false],
    ['below on a higher version', 3, below(2), false],
  ] as const)('condition %s', async (_, stored, condition, held) => {
    const before = itemWith({ version: stored ?? 0, body: bytesOf(1), appended: [bytesOf(2)] });
    const after = itemWith({ version: 9, body: bytesOf(3) });
    const standing = stored === undefined ? undefined : shown(before);
    for (const verb of ['put', 'delete'] as const) {
      if (stored === undefined) await table().delete(before, any);
      else await table().put(before, any);
      const outcome =
        verb === 'put'
          ? await table().put(after, condition)
          : await table().delete({ pk: 'p', sk: 's' }, condition);
      if (held) {
        expect(outcome).toEqual(done);
        expect(await read(table(), 'p', 's')).toEqual(verb === 'put' ? shown(after) : undefined);
      } else {
        expect(outcome.kind).toBe('condition-failed');
        expect(outcome.kind === 'condition-failed' && shown(outcome.item)).toEqual(standing);
        expect(await read(table(), 'p', 's')).toEqual(standing);
      }
    }
  });

  test('of 64 racing puts of an absent item one wins, and the others are shown it', async () => {
    const items = range(64).map((n) => itemWith({ version: n, body: bytesOf(n) }));
    const outcomes = await Promise.all(items.map((item) => table().put(item, absent)));
    const winner = outcomes.findIndex((outcome) => outcome.kind === 'done');
    expect(await read(table(), 'p', 's')).toEqual(shown(items[winner]));
    const losers = outcomes.filter((outcome) => outcome.kind === 'condition-failed');
    expect(losers.map((outcome) => shown(outcome.item))).toEqual(
      range(63).map(() => shown(items[winner])),
    );
  });

  test('of 64 racing replacements of one version one wins', async () => {
    await table().put(itemWith({ version: 100 }), any);
    const outcomes = await Promise.all(
      range(64).map((n) => table().put(itemWith({ version: n }), version(100))),
    );
    expect(outcomes.filter((outcome) => outcome.kind === 'done')).toHaveLength(1);
  });

  test('bytes changed by a caller, before or after, change nothing in the table', async () => {
    const body = Buffer.from([1, 2]);
    const entry = Buffer.from([3]);
    const putting = table().put(itemWith({ body, appended: [entry] }), any);
    body.fill(9);
    entry.fill(9);
    await putting;
    const command = Buffer.from([4, 5]);
    const appending = table().append({ pk: 'p', sk: 's' }, 0, command);
    command.fill(9);
    const appended = await appending;
    const expected = shown(
      itemWith({ body: bytesOf(1, 2), appended: [bytesOf(3), bytesOf(4, 5)] }),
    );
    const first = await table().get({ pk: 'p', sk: 's' }, { consistent: true });
    for (const outcome of [appended, first]) {
      const item = outcome.kind === 'done' ? outcome.value : undefined;
      expect(shown(item)).toEqual(expected);
      item?.body.fill(8);
      for (const bytes of item?.appended ?? []) bytes.fill(8);
    }
    expect(await read(table(), 'p', 's')).toEqual(expected);
  });
}

function describeAppend(table: () => MetadataTable): void {
  const key = { pk: 'p', sk: 's' };

  test('append adds a command and returns the whole item', async () => {
    await table().put(itemWith({ version: 5, body: bytesOf(7), limit: 2 }), any);
    const all = Uint8Array.from(range(256));
    const outcome = await table().append(key, 5, all);
    const expected = shown(itemWith({ version: 5, body: bytesOf(7), appended: [all], limit: 2 }));
    expect(outcome.kind === 'done' && shown(outcome.value)).toEqual(expected);
    expect(await read(table(), 'p', 's')).toEqual(expected);
  });

  test.each([
    ['there is no item', undefined, 5],
    ['the version is another', itemWith({ version: 4 }), 5],
    ['the item is full', itemWith({ version: 5, appended: [bytesOf(1, 2)], limit: 1 }), 5],
    ['the limit is −1', itemWith({ version: 5, limit: -1 }), 5],
  ] as const)('append fails when %s, and shows what is there', async (_, item, v) => {
    if (item !== undefined) await table().put(item, any);
    const outcome = await table().append(key, v, bytesOf(1));
    expect(outcome.kind).toBe('condition-failed');
    expect(outcome.kind === 'condition-failed' && shown(outcome.item)).toEqual(shown(item));
    expect(await read(table(), 'p', 's')).toEqual(shown(item));
  });

  test('an item is open while its bytes do not exceed the limit', async () => {
    await table().put(itemWith({ appended: [bytesOf(1, 2)], limit: 2 }), any);
    expect((await table().append(key, 0, bytesOf(3))).kind).toBe('done');
    expect((await table().append(key, 0, bytesOf())).kind).toBe('condition-failed');
  });

  test('of 64 racing appends exactly those that fit succeed, in an order all agree on', async () => {
    await table().put(itemWith({ limit: 95 }), any);
    const outcomes = await Promise.all(
      range(64).map((n) => table().append(key, 0, new Uint8Array(10).fill(n))),
    );
    const final = await read(table(), 'p', 's');
    const seen = outcomes.flatMap((outcome) =>
      outcome.kind === 'done' ? [shown(outcome.value)?.appended ?? []] : [],
    );
    expect(seen).toHaveLength(10);
    expect(final?.bytes).toBe(100);
    expect(new Set(final?.appended).size).toBe(10);
    const byLength = seen.toSorted((a, b) => a.length - b.length);
    expect(byLength).toEqual(range(10).map((n) => final?.appended.slice(0, n + 1)));
    for (const [n, outcome] of outcomes.entries()) {
      const mine = Buffer.alloc(10, n).toString('hex');
      if (outcome.kind === 'done') expect(shown(outcome.value)?.appended.at(-1)).toBe(mine);
      else expect(outcome.kind === 'condition-failed' && shown(outcome.item)).toEqual(final);
    }
  });
}

function describeTransact(table: () => MetadataTable): void {
  const put = (sk: string, condition: Condition): Operation => ({
    kind: 'put',
    item: itemWith({ sk, version: 2 }),
    condition,
  });

  test('a transaction does all of its operations', async () => {
    await table().put(itemWith({ sk: 'b' }), any);
    await table().put(itemWith({ sk: 'c' }), any);
    const outcome = await table().transact([
      put('a', absent),
      { kind: 'delete', key: { pk: 'p', sk: 'b' }, condition: version(0) },
      { kind: 'check', key: { pk: 'p', sk: 'c' }, condition: version(0) },
      { kind: 'put', item: itemWith({ pk: 'q', sk: 'a' }), condition: any },
    ]);
    expect(outcome).toEqual(done);
    expect(await read(table(), 'p', 'a')).toEqual(shown(itemWith({ sk: 'a', version: 2 })));
    expect(await read(table(), 'p', 'b')).toBeUndefined();
    expect(await read(table(), 'p', 'c')).toEqual(shown(itemWith({ sk: 'c' })));
    expect(await read(table(), 'q', 'a')).toEqual(shown(itemWith({ pk: 'q', sk: 'a' })));
  });

  test('a transaction does nothing if one condition fails, and tells which and why', async () => {
    const standing = itemWith({ sk: 'b', body: bytesOf(1) });
    await table().put(standing, any);
    const outcome = await table().transact([
      put('a', absent),
      put('b', absent),
      { kind: 'check', key: { pk: 'p', sk: 'c' }, condition: version(1) },
      { kind: 'delete', key: { pk: 'p', sk: 'd' }, condition: any },
    ]);
    expect(outcome.kind).toBe('conditions-failed');
    const failures = outcome.kind === 'conditions-failed' ? outcome.failures : [];
    expect(failures.map((failure) => failure && [failure.kind, shown(failure.item)])).toEqual([
      undefined,
      ['condition-failed', shown(standing)],
      ['condition-failed', undefined],
      undefined,
    ]);
    expect(await read(table(), 'p', 'a')).toBeUndefined();
    expect(await read(table(), 'p', 'b')).toEqual(shown(standing));
  });

  test('a hundred operations are one transaction', async () => {
    const operations = range(100).map((n) => put(`k${n}`, absent));
    expect(await table().transact(operations)).toEqual(done);
    expect((await table().transact(operations.slice(99))).kind).toBe('conditions-failed');
  });

  test('of racing transactions on common items one wins', async () => {
    const outcomes = await Promise.all(
      range(16).map(() => table().transact([put('a', absent), put('b', absent)])),
    );
    const kinds = outcomes.map((outcome) => outcome.kind);
    expect(kinds.filter((kind) => kind === 'done')).toHaveLength(1);
    const refused = kinds.filter((kind) => kind === 'conditions-failed' || kind === 'conflict');
    expect(refused).toHaveLength(15);
  });
}

interface Paging {
  readonly limit: number;
  readonly reverse: boolean;
}

async function pages(table: MetadataTable, pk: string, paging: Paging): Promise<Item[][]> {
  const found: Item[][] = [];
  let { from, to }: { from: string; to: string } = whole;
  for (;;) {
    const outcome = await table.query(pk, { from, to }, { ...paging, consistent: true });
    if (outcome.kind !== 'done') throw new Error(`a query ended as kind=${outcome.kind}`);
    // `to` is inclusive, so going back meets the item at `next` once more.
    const again = paging.reverse && found.length > 0 ? 1 : 0;
    found.push(outcome.value.items.slice(again));
    const { next } = outcome.value;
    if (next === undefined) return found;
    if (paging.reverse) to = next;
    else from = `${next}\u0000`;
  }
}

function describeQuery(table: () => MetadataTable): void {
  const fill = async (pk: string, keys: readonly string[], body = bytesOf()): Promise<void> => {
    const puts = keys.map((sk) => table().put(itemWith({ pk, sk, body }), any));
    await Promise.all(puts);
  };

  test('sort keys are ordered by their bytes', async () => {
    const keys = [
      'a',
      'B',
      'a\u0000',
      'aa',
      'é',
      '\uffff',
      '\u{1f600}',
      '\ud7ff',
      '10',
      '9',
      '\ufeff',
    ];
    await fill('p', keys);
    const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const up = await pages(table(), 'p', { limit: 1000, reverse: false });
    expect(up.flat().map((item) => item.sk)).toEqual(sorted);
    const down = await pages(table(), 'p', { limit: 1000, reverse: true });
    expect(down.flat().map((item) => item.sk)).toEqual(sorted.toReversed());
  });

  test('a range includes both of its ends and nothing of another collection', async () => {
    await fill('p', ['a', 'b', 'c', 'd']);
    await fill('pp', ['b']);
    await fill('o', ['c']);
    const ask = async (from: string, to: string) => {
      const outcome = await table().query('p', { from, to }, { limit: 10, consistent: true });
      return outcome.kind === 'done' && outcome.value.items.map((item) => [item.pk, item.sk]);
    };
    expect(await ask('b', 'c')).toEqual([
      ['p', 'b'],
      ['p', 'c'],
    ]);
    expect(await ask('bb', 'bc')).toEqual([]);
    expect(await ask('c', 'b')).toEqual([]);
    expect(await ask('d', 'z')).toEqual([['p', 'd']]);
  });

  test('an empty collection gives an empty page', async () => {
    const outcome = await table().query('none', whole, { limit: 1, consistent: true });
    expect(outcome).toEqual({ kind: 'done', value: { items: [], next: undefined } });
  });

  test.each([false, true])('pages of a limit give every item once, reverse=%s', async (reverse) => {
    const keys = range(25).map((n) => String(n).padStart(2, '0'));
    await fill('p', keys);
    const found = await pages(table(), 'p', { limit: 4, reverse });
    expect(Math.max(...found.map((page) => page.length))).toBe(4);
    expect(found.flat().map((item) => item.sk)).toEqual(reverse ? keys.toReversed() : keys);
  });

  test.each([false, true])('a page ends at about 1 MB, reverse=%s', async (reverse) => {
    const keys = range(12).map((n) => String(n).padStart(2, '0'));
    await fill('p', keys, new Uint8Array(300_000));
    const found = await pages(table(), 'p', { limit: 1000, reverse });
    expect(Math.max(...found.map((page) => page.length))).toBeLessThanOrEqual(4);
    expect(found.flat().map((item) => item.sk)).toEqual(reverse ? keys.toReversed() : keys);
  });

  test('a query shows items whole', async () => {
    const item = itemWith({ version: 3, body: bytesOf(1, 0), appended: [bytesOf(2)], limit: 9 });
    await table().put(item, any);
    const [page] = await pages(table(), 'p', { limit: 1, reverse: false });
    expect(page?.map(shown)).toEqual([shown(item)]);
  });
}

function describeBounds(table: () => MetadataTable): void {
  const key = { pk: 'p', sk: 's' };
  const big = itemWith({ body: new Uint8Array(400_000) });

  test('an item just below 400 KB is kept, with appends up to it', async () => {
    await table().put(itemWith({ body: new Uint8Array(390_000).fill(5) }), any);
    expect((await table().append(key, 0, new Uint8Array(9_000).fill(6))).kind).toBe('done');
    // Beyond what any store takes: DynamoDB itself counts to 409,600.
    await expect(table().append(key, 0, new Uint8Array(20_000))).rejects.toThrow('too large');
    const item = await read(table(), 'p', 's');
    expect([item?.body.length, item?.bytes]).toEqual([780_000, 9_000]);
  });

  test('the items of a transaction come to at most 4 MB', async () => {
    const puts = range(11).map((n): Operation => {
      const item = itemWith({ sk: `${n}`, body: new Uint8Array(390_000) });
      return { kind: 'put', item, condition: any };
    });
    await expect(table().transact(puts)).rejects.toThrow('too large');
    expect(await read(table(), 'p', '0')).toBeUndefined();
    // An emulator measures the request, in which bytes are longer by a third.
    expect(await table().transact(puts.slice(4))).toEqual(done);
  });

  test('a condition that fails comes before the size of an append', async () => {
    await table().put(itemWith({ version: 1, body: new Uint8Array(390_000) }), any);
    const outcome = await table().append(key, 2, new Uint8Array(20_000));
    expect(outcome.kind).toBe('condition-failed');
  });

  const check: Operation = { kind: 'check', key, condition: any };
  const many = range(101).map((n): Operation => ({ ...check, key: { pk: 'p', sk: `${n}` } }));
  const query = (limit: number) => table().query('p', whole, { limit, consistent: true });
  test.each<readonly [string, () => Promise<unknown>]>([
    ['an item of 400 KB', () => table().put(big, any)],
    [
      'the same in a transaction',
      () => table().transact([{ kind: 'put', item: big, condition: any }]),
    ],
    ['a command of 400 KB', () => table().append(key, 0, new Uint8Array(400_000))],
    ['bytes that are not the sum', () => table().put(itemWith({ bytes: 1 }), any)],
    ['a version that is no integer', () => table().put(itemWith({ version: 0.5 }), any)],
    ['a version below −1', () => table().put(itemWith({ version: -2 }), any)],
    ['a version beyond 2^53−1', () => table().put(itemWith({ version: 2 ** 53 }), any)],
    ['a limit below −1', () => table().put(itemWith({ limit: -2 }), any)],
    ['an empty sort key', () => table().get({ pk: 'p', sk: '' }, { consistent: true })],
    ['a long partition key', () => table().delete({ pk: 'é'.repeat(257), sk: 's' }, any)],
    ['half a character', () => table().put(itemWith({ sk: '\ud800' }), any)],
    ['no operations', () => table().transact([])],
    ['101 operations', () => table().transact(many)],
    ['two operations on one item', () => table().transact([check, check])],
    ['a query for no items', () => query(0)],
    ['a query for 1,001 items', () => query(1_001)],
  ])('%s rejects and changes nothing', async (_, call) => {
    await expect(call()).rejects.toThrow(InvariantError);
    expect(await read(table(), 'p', 's')).toBeUndefined();
  });

  test('keys may have 512 bytes', async () => {
    const item = itemWith({ pk: 'p'.repeat(512), sk: 'é'.repeat(256) });
    await table().put(item, absent);
    expect(await read(table(), item.pk, item.sk)).toEqual(shown(item));
  });
}
