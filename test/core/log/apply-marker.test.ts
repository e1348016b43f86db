import { expect, test } from 'vitest';
import { genesis } from '../../../lib/core/log/head.ts';
import type { Head } from '../../../lib/core/log/head.ts';
import { absent, applyAll, data, marker, run, verified } from './build.ts';

const opened = applyAll(genesis, [
  data([run({ pid: 1, txn: 1, count: 2 })], { brought: verified(0, 1, 0, 1) }),
]).head;

test('a marker closes what is open with one control batch, and the producer goes on in the next epoch', () => {
  const { head, told } = applyAll(opened, [marker({})]);
  expect(told).toEqual(['accepted 2']);
  expect(head.end.offset).toBe(3n);
  expect(head.open).toEqual([]);
  expect(head.producers).toEqual([
    { producerId: 1n, epoch: 1, txn: 2, maxTimestamp: 1n, batches: [] },
  ]);
});

test('commit and abort differ in the hash alone', () => {
  const [commit, abort] = (['commit', 'abort'] as const).map(
    (outcome) => applyAll(opened, [marker({ outcome })]).head,
  );
  expect(commit?.hash).not.toBe(abort?.hash);
  expect({ ...commit, hash: '' }).toEqual({ ...abort, hash: '' });
});

test('sent again it is a duplicate without an offset', () => {
  const { head, told } = applyAll(opened, [marker({}), marker({})]);
  expect(told).toEqual(['accepted 2', 'done']);
  expect(head.end.offset).toBe(3n);
});

test('where nothing is open it only fences', () => {
  const { head, told } = applyAll(genesis, [
    marker({ brought: absent(0, 1) }),
    data([run({ pid: 1, epoch: 0 })]),
    data([run({ pid: 1, epoch: 1, sequence: 0 })]),
  ]);
  expect(told).toEqual(['done', 'refused invalid-producer-epoch', 'accepted 0']);
  expect(head.end.offset).toBe(1n);
});

test('it decides nothing about a producer of which nothing was looked up', () => {
  expect(applyAll(genesis, [marker({})]).told).toEqual(['refused transaction-unverified']);
});

test('a later transaction that is open stays open', () => {
  const { head } = applyAll(genesis, [
    data([run({ pid: 1, epoch: 1, txn: 2 })], { brought: verified(0, 1, 1, 2) }),
  ]);
  expect(applyAll(head, [marker({ epoch: 0, txn: 1 })])).toEqual({ head, told: ['done'] });
  const same = applyAll(head, [marker({ epoch: 1, txn: 1 })]);
  expect(same).toEqual({ head, told: ['done'] });
});

test('a marker of a higher epoch closes what an earlier instance left open', () => {
  const { head, told } = applyAll(opened, [marker({ epoch: 3, txn: 4, outcome: 'abort' })]);
  expect(told).toEqual(['accepted 2']);
  expect(head.open).toEqual([]);
  expect(head.producers[0]?.epoch).toBe(4);
});

test('a batch that comes late opens nothing that is decided', () => {
  const { head } = applyAll(opened, [marker({})]);
  const late = data([run({ pid: 1, txn: 1, sequence: 2 })], { brought: verified(0, 1, 0, 1) });
  expect(applyAll(head, [late]).told).toEqual(['refused invalid-producer-epoch']);
});

test('without the bump the epoch and the sequence numbers go on, in the next transaction', () => {
  const { head, told } = applyAll(opened, [marker({ bump: false })]);
  expect(told).toEqual(['accepted 2']);
  const finished = data([run({ pid: 1, txn: 1, sequence: 2 })], { brought: verified(0, 1, 0, 1) });
  const next = data([run({ pid: 1, txn: 2, sequence: 2 })], { brought: verified(0, 1, 0, 2) });
  expect(applyAll(head, [finished]).told).toEqual(['refused transaction-finished']);
  expect(applyAll(head, [next]).told).toEqual(['accepted 3']);
});

test('without the bump a producer must be known: its sequence numbers would be lost', () => {
  const forgotten: Head = { ...opened, producers: [] };
  expect(applyAll(forgotten, [marker({ bump: false })]).told).toEqual(['refused producer-unknown']);
  expect(applyAll(forgotten, [marker({})]).told).toEqual(['accepted 2']);
});

test('a marker with an early clock does not make its producer older', () => {
  const { head } = applyAll(genesis, [
    data([run({ pid: 1, txn: 1, timestamp: 50 })], { brought: verified(0, 1, 0, 1) }),
    marker({ timestamp: 3n }),
  ]);
  expect(head.producers[0]?.maxTimestamp).toBe(50n);
});

test('a marker that comes late takes no producer back', () => {
  const { head } = applyAll(genesis, [
    data([run({ pid: 1, epoch: 2, txn: 3 })], { brought: verified(0, 1, 2, 3) }),
    marker({ epoch: 2, txn: 3, bump: false }),
    data([run({ pid: 1, epoch: 2, sequence: 1 })]),
  ]);
  for (const late of [
    { epoch: 1, txn: 9 },
    { epoch: 2, txn: 3 },
    { epoch: 2, txn: 1, bump: false },
  ]) {
    expect(applyAll(head, [marker(late)])).toEqual({ head, told: ['done'] });
  }
});

test('a marker of the transaction that is due next fences, though nothing is open', () => {
  const { head } = applyAll(opened, [marker({ bump: false })]);
  const after = applyAll(head, [marker({ epoch: 0, txn: 2 })]);
  expect(after.told).toEqual(['done']);
  expect(after.head.producers).toMatchObject([{ epoch: 1, txn: 3, batches: [] }]);
  expect(after.head.end).toEqual(head.end);
});

test('a higher epoch closes what is open, whatever the numbers of the transactions', () => {
  const { head } = applyAll(genesis, [
    data([run({ pid: 1, txn: 5 })], { brought: verified(0, 1, 0, 5) }),
  ]);
  const after = applyAll(head, [marker({ epoch: 1, txn: 1 })]);
  expect([after.told, after.head.open]).toEqual([['accepted 1'], []]);
});

test('nor does it matter to fencing what the numbers of an older epoch were', () => {
  const { head } = applyAll(genesis, [
    data([run({ pid: 1, txn: 5 })], { brought: verified(0, 1, 0, 5) }),
    marker({ txn: 5, bump: false }),
    marker({ epoch: 1, txn: 1 }),
  ]);
  expect(head.producers).toMatchObject([{ epoch: 2, txn: 2 }]);
});

test('the transactions of other producers stay open', () => {
  const other = data([run({ pid: 2, txn: 1 })], { brought: verified(0, 2, 0, 1) });
  const { head } = applyAll(opened, [other, marker({})]);
  expect(head.open).toEqual([{ producerId: 2n, epoch: 0, txn: 1, firstOffset: 2n }]);
});

test('without the bump a new epoch begins without batches all the same', () => {
  const { head } = applyAll(genesis, [
    data([run({ pid: 1 })], { brought: absent(0, 1) }),
    marker({ epoch: 1, txn: 1, bump: false }),
  ]);
  expect(head.producers).toMatchObject([{ epoch: 1, txn: 2, batches: [] }]);
});

test('a marker keeps its producer from expiring', () => {
  const { head } = applyAll(opened, [marker({ timestamp: 70n })]);
  expect(head.producers[0]?.maxTimestamp).toBe(70n);
});
