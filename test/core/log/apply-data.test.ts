import { describe, expect, test } from 'vitest';
import { genesis } from '../../../lib/core/log/head.ts';
import type { Head } from '../../../lib/core/log/head.ts';
import { producerId } from '../../../lib/std/brands.ts';
import { absent, applyAll, config, data, marker, run, verified } from './build.ts';
import type { RunShape } from './build.ts';

const sequenceMax = 0x7fff_ffff;

/** A head in which producer 1 wrote these batches of one record, in epoch `epoch`. */
function wrote(sequences: readonly number[], epoch = 0): Head {
  const commands = sequences.map((sequence) =>
    data([run({ pid: 1, sequence, epoch })], { brought: absent(0, 1) }),
  );
  return applyAll(genesis, commands).head;
}

const toldOf = (head: Head, shape: RunShape): readonly string[] =>
  applyAll(head, [data([run(shape)])]).told;

describe('runs without a producer', () => {
  test('take offsets one after the other, each with a verdict of its own', () => {
    const { head, told } = applyAll(genesis, [
      data([run({ count: 3 }), run({ count: 2 })]),
      data([run({ count: 1 })]),
    ]);
    expect(told).toEqual(['accepted 0, accepted 3', 'accepted 5']);
    expect(head.end.offset).toBe(6n);
  });

  test('raise the highest timestamp, and remember the batch that raised it', () => {
    const times = [5, 3, 9, 9].map((timestamp) => data([run({ timestamp })]));
    const { head } = applyAll(genesis, times);
    expect([head.maxTimestamp, head.maxTimestampOffset]).toEqual([9n, 2n]);
  });

  test('chain a hash that tells contents and order apart', () => {
    const one = applyAll(genesis, [data([run()]), data([{ ...run(), crc: 8 }])]).head.hash;
    const other = applyAll(genesis, [data([{ ...run(), crc: 8 }]), data([run()])]).head.hash;
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('idempotent producers (KIP-98)', () => {
  test('sequence numbers follow each other', () => {
    const head = wrote([0, 1]);
    expect(toldOf(head, { pid: 1, sequence: 2 })).toEqual(['accepted 2']);
    expect(toldOf(head, { pid: 1, sequence: 3 })).toEqual(['refused out-of-order-sequence']);
  });

  test('a batch that equals one of the last five is a duplicate, an older one is not', () => {
    const head = wrote([0, 1, 2, 3, 4, 5]);
    expect(toldOf(head, { pid: 1, sequence: 1 })).toEqual(['duplicate 1']);
    expect(toldOf(head, { pid: 1, sequence: 5 })).toEqual(['duplicate 5']);
    expect(toldOf(head, { pid: 1, sequence: 0 })).toEqual(['refused out-of-order-sequence']);
  });

  test('a batch with another count is not a duplicate', () => {
    const refused = ['refused out-of-order-sequence'];
    expect(toldOf(wrote([0]), { pid: 1, sequence: 0, count: 2 })).toEqual(refused);
  });

  test('sequence numbers wrap after 2^31-1, also inside a batch', () => {
    const head = wrote([sequenceMax]);
    expect(toldOf(head, { pid: 1, sequence: 0 })).toEqual(['accepted 1']);
    const batches = [[sequenceMax, 2] as const, [1, 1] as const];
    const { told } = applyAll(wrote([sequenceMax - 1]), [data([run({ pid: 1, batches })])]);
    expect(told).toEqual(['accepted 1']);
  });

  test('a run of several batches is judged as one: together a duplicate, or out of order', () => {
    const pair = data(
      [
        run({
          pid: 1,
          batches: [
            [0, 2],
            [2, 1],
          ],
        }),
      ],
      { brought: absent(0, 1) },
    );
    const { head, told } = applyAll(genesis, [
      pair,
      data([
        run({
          pid: 1,
          batches: [
            [0, 2],
            [2, 1],
          ],
        }),
      ]),
    ]);
    expect(told).toEqual(['accepted 0', 'duplicate 0']);
    expect(
      toldOf(head, {
        pid: 1,
        batches: [
          [2, 1],
          [3, 1],
        ],
      }),
    ).toEqual(['refused out-of-order-sequence']);
    expect(
      toldOf(head, {
        pid: 1,
        batches: [
          [3, 1],
          [5, 1],
        ],
      }),
    ).toEqual(['refused out-of-order-sequence']);
  });

  test('each batch of a run has an offset of its own, with which it is answered', () => {
    const batches = [
      [0, 2],
      [2, 3],
      [5, 1],
    ] as const;
    const { head } = applyAll(genesis, [
      data([run({ count: 4 })]),
      data([run({ pid: 1, batches })], { brought: absent(0, 1) }),
    ]);
    expect(toldOf(head, { pid: 1, batches: batches.slice(1) })).toEqual(['duplicate 6']);
    expect(toldOf(head, { pid: 1, batches: batches.slice(2) })).toEqual(['duplicate 9']);
  });

  test('a batch with an early clock does not make its producer older', () => {
    const times = [50, 3].map((timestamp, sequence) =>
      data([run({ pid: 1, sequence, timestamp })], { brought: absent(0, 1) }),
    );
    expect(applyAll(genesis, times).head.producers[0]?.maxTimestamp).toBe(50n);
  });

  test('a run that begins like what is remembered and goes on otherwise is no duplicate', () => {
    const both = (second: number) =>
      run({
        pid: 1,
        batches: [
          [0, 2],
          [2, second],
        ],
      });
    const { head } = applyAll(genesis, [data([both(1)], { brought: absent(0, 1) })]);
    const told = [1, 3].map((second) => applyAll(head, [data([both(second)])]).told[0]);
    expect(told).toEqual(['duplicate 0', 'refused out-of-order-sequence']);
  });

  test('a refused run does not fail its neighbours', () => {
    const runs = [run({ pid: 1, sequence: 1 }), run({ pid: 1, sequence: 7 }), run({ count: 2 })];
    const { head, told } = applyAll(wrote([0]), [data(runs)]);
    expect(told).toEqual(['accepted 1, refused out-of-order-sequence, accepted 2']);
    expect(head.end.offset).toBe(4n);
  });

  test('a new epoch starts at 0 and fences the old one', () => {
    const head = wrote([0, 1]);
    expect(toldOf(head, { pid: 1, epoch: 1, sequence: 2 })).toEqual([
      'refused out-of-order-sequence',
    ]);
    const { told } = applyAll(head, [
      data([run({ pid: 1, epoch: 1, sequence: 0 })]),
      data([run({ pid: 1, epoch: 0, sequence: 2 })]),
      data([run({ pid: 1, epoch: 1, sequence: 0 })]),
    ]);
    expect(told).toEqual(['accepted 2', 'refused invalid-producer-epoch', 'duplicate 2']);
  });
});

describe('producers that the head has lost', () => {
  test('are refused until the command brings what is known of them', () => {
    expect(toldOf(genesis, { pid: 1 })).toEqual(['refused producer-unknown']);
  });

  test('may start anywhere if nothing is remembered', () => {
    const command = data([run({ pid: 1, sequence: 40 })], { brought: absent(0, 1) });
    expect(applyAll(genesis, [command]).told).toEqual(['accepted 0']);
  });

  test('go on where the brought state ends', () => {
    const [state] = wrote([0, 1]).producers;
    const brought = {
      slot: 0,
      states: state === undefined ? [] : [state],
      absent: [],
      verified: [],
    };
    const told = [1, 2, 4].map(
      (sequence) => applyAll(genesis, [data([run({ pid: 1, sequence })], { brought })]).told[0],
    );
    expect(told).toEqual(['duplicate 1', 'accepted 0', 'refused out-of-order-sequence']);
  });

  test('go on where their own state ends, also beside the state of others', () => {
    const [first] = wrote([0]).producers;
    if (first === undefined) throw new Error('no producer');
    const other = { ...first, producerId: producerId(2n), batches: [] };
    const brought = { slot: 0, states: [other, first], absent: [], verified: [] };
    const told = applyAll(genesis, [data([run({ pid: 1, sequence: 1 })], { brought })]).told;
    expect(told).toEqual(['accepted 0']);
  });

  test('what was brought for another slot does not count', () => {
    const command = data([run({ pid: 1 })], { brought: absent(1, 1) });
    expect(applyAll(genesis, [command]).told).toEqual(['refused producer-unknown']);
  });

  test('the head wins over what was brought', () => {
    const command = data([run({ pid: 1, sequence: 0 })], { brought: absent(0, 1) });
    expect(applyAll(wrote([0]), [command]).told).toEqual(['duplicate 0']);
  });
});

describe('transactions', () => {
  const open = data([run({ pid: 1, txn: 1 })], { brought: verified(0, 1, 0, 1) });

  test('are opened only by a batch that was verified for this slot', () => {
    const batch = (brought: ReturnType<typeof verified>) =>
      applyAll(genesis, [data([run({ pid: 1, txn: 1 })], { brought })]).told[0];
    expect(batch(absent(0, 1))).toBe('refused transaction-unverified');
    expect(batch({ ...verified(0, 1, 0, 2) })).toBe('refused transaction-unverified');
    expect(batch({ ...verified(0, 1, 1, 1) })).toBe('refused transaction-unverified');
    const other = { ...absent(0, 1), verified: verified(0, 2, 0, 1).verified };
    expect(batch(other)).toBe('refused transaction-unverified');
    expect(batch(verified(0, 1, 0, 1))).toBe('accepted 0');
  });

  test('are not opened by what was verified for another slot, nor by a known producer alone', () => {
    const told = [verified(1, 1, 0, 1), undefined].map((brought) => {
      const more = brought === undefined ? {} : { brought };
      return applyAll(wrote([0]), [data([run({ pid: 1, txn: 1, sequence: 1 })], more)]).told[0];
    });
    expect(told).toEqual(['refused transaction-unverified', 'refused transaction-unverified']);
  });

  test('that were decided stay so, also after batches outside', () => {
    const { head, told } = applyAll(genesis, [
      data([run({ pid: 1, txn: 3 })], { brought: verified(0, 1, 0, 3) }),
      marker({ epoch: 0, txn: 3, bump: false }),
      data([run({ pid: 1, sequence: 1 })]),
    ]);
    expect(told).toEqual(['accepted 0', 'accepted 1', 'accepted 2']);
    const late = data([run({ pid: 1, txn: 3, sequence: 2 })], { brought: verified(0, 1, 0, 3) });
    expect(applyAll(head, [late]).told).toEqual(['refused transaction-finished']);
  });

  test('are numbered anew in a new epoch', () => {
    const first = data([run({ pid: 1, txn: 7 })], { brought: verified(0, 1, 0, 7) });
    const marked = marker({ epoch: 0, txn: 7, bump: false });
    const next = data([run({ pid: 1, epoch: 1, txn: 1 })], { brought: verified(0, 1, 1, 1) });
    expect(applyAll(genesis, [first, marked, next]).told[2]).toBe('accepted 2');
  });

  test('once open, take batches without another look', () => {
    const { head, told } = applyAll(genesis, [open, data([run({ pid: 1, txn: 1, sequence: 1 })])]);
    expect(told).toEqual(['accepted 0', 'accepted 1']);
    expect(head.open).toEqual([{ producerId: 1n, epoch: 0, txn: 1, firstOffset: 0n }]);
  });

  test('exclude another of the same producer, and its batches outside', () => {
    const { head } = applyAll(genesis, [open]);
    expect(toldOf(head, { pid: 1, txn: 2, sequence: 1 })).toEqual([
      'refused concurrent-transactions',
    ]);
    expect(toldOf(head, { pid: 1, txn: 0, sequence: 1 })).toEqual([
      'refused concurrent-transactions',
    ]);
    expect(toldOf(head, { pid: 1, txn: 1, epoch: 1 })).toEqual(['refused concurrent-transactions']);
  });

  test('an epoch below that of the open one is fenced, also if the head has lost the producer', () => {
    const second = data([run({ pid: 1, txn: 1, epoch: 2 })], { brought: verified(0, 1, 2, 1) });
    const { head } = applyAll(genesis, [second]);
    const forgotten: Head = { ...head, producers: [] };
    const late = data([run({ pid: 1, txn: 1, epoch: 1 })], { brought: verified(0, 1, 1, 1) });
    expect(applyAll(forgotten, [late]).told).toEqual(['refused invalid-producer-epoch']);
  });

  test('beyond as many as the head holds are told to wait', () => {
    const shape = config({ openTransactionsMax: 2 });
    const commands = [1, 2, 3].map((pid) =>
      data([run({ pid, txn: 1 })], { brought: verified(0, pid, 0, 1) }),
    );
    expect(applyAll(genesis, commands, shape).told).toEqual([
      'accepted 0',
      'accepted 1',
      'refused concurrent-transactions',
    ]);
  });
});

describe('what no run passes', () => {
  test('a closed partition', () => {
    const head: Head = { ...genesis, closed: true };
    expect(applyAll(head, [data([run(), run()])])).toEqual({
      head,
      told: ['refused closed, refused closed'],
    });
  });

  test('the floor, for objects of a lower epoch; inline runs pass', () => {
    const head: Head = { ...genesis, floor: 2 };
    const told = [1, 2, undefined].map(
      (epoch) => applyAll(head, [data([run()], epoch === undefined ? {} : { epoch })]).told[0],
    );
    expect(told).toEqual(['refused floor', 'accepted 0', 'accepted 0']);
  });
});
