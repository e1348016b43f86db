import { formatOne } from '../../lib/core/log/config.ts';
import type { Command, Run } from '../../lib/core/log/command.ts';
import { genesis } from '../../lib/core/log/head.ts';
import type { Head, OpenTransaction, Position, ProducerState } from '../../lib/core/log/head.ts';
import type { PartitionKey } from '../../lib/core/log/partition-key.ts';
import type { Slot } from '../../lib/core/log/slot.ts';
import type { SpillGroup } from '../../lib/core/log/spill-group.ts';
import {
  commandId,
  leaderEpoch,
  offset,
  partition,
  producerId,
  topicId,
} from '../../lib/std/brands.ts';
import { commandBytes } from '../../lib/store/command-codec.ts';
import { stageKey } from '../../lib/store/object-keys.ts';

/** Fixed values, as they occur: what the golden files hold and the sizes are measured on. */

export const log: PartitionKey = {
  topicId: topicId('Zm9vYmFyYmF6cXV4MTIzNA'),
  partition: partition(17),
};

const at = (seq: number, base: bigint): Position => ({ seq, offset: offset(base) });
const hash = '00112233445566778899aabbccddeeff';
const now = 1_790_000_000_000n;
export const ownObject = stageKey(412, log, '0123456789abcdef');
const sharedObject = stageKey(412, 'shared', 'fedcba9876543210');
let ids = 0;
const nextId = () => commandId(`aabbcc${String((ids += 1)).padStart(10, '0')}`);

/** A head in use: no producers, a spill group behind, one filling. */
export const typicalHead: Head = {
  ...genesis,
  start: offset(1_000_000n),
  sealed: at(91_000, 9_100_123n),
  spilled: at(91_234, 9_160_555n),
  end: at(91_250, 9_165_000n),
  maxTimestamp: now,
  maxTimestampOffset: offset(9_164_990n),
  floor: 411,
  hash,
  filling: { slots: 15, bytes: 41_000 },
};

/** A producer with five batches, each behind a stretch of other producers' records. */
function busyProducer(id: bigint, i: number): ProducerState {
  const batches = [0, 1, 2, 3, 4].map((batch) => ({
    baseSequence: 70_000 + batch * 500,
    count: 500,
    baseOffset: offset(9_120_000n + BigInt(batch * 8_000 + i * 500)),
  }));
  const maxTimestamp = now - BigInt(i * 1_500);
  return { producerId: producerId(id), epoch: 1_000 + i, txn: 1_030 + i, maxTimestamp, batches };
}

/** As full as format 1 allows. `idOf`: producers number 0 … 39, none in both lists. */
export function fullHead(idOf: (i: number) => bigint): Head {
  const open = Array.from({ length: formatOne.openTransactionsMax }, (_, i): OpenTransaction => {
    const firstOffset = offset(9_120_000n + BigInt(i * 1_400));
    return { producerId: producerId(idOf(i)), epoch: 1_000 + i, txn: 1_030 + i, firstOffset };
  });
  const producers = Array.from({ length: formatOne.producersMax }, (_, i) =>
    busyProducer(idOf(formatOne.openTransactionsMax + i), i),
  );
  return { ...typicalHead, open, producers, groups: [at(91_242, 9_162_000n)] };
}

/** A record batch of so many bytes, of which only the length matters here. */
const batch = (length: number): Buffer => Buffer.alloc(length, 0xb5);

export const inlineRun = (length: number): Run => ({
  place: { kind: 'inline', bytes: batch(length) },
  batches: 1,
  count: 1,
  firstTimestamp: now,
  maxTimestamp: now,
  crc: 0xdeadbeef,
});

export const objectRun = (key: string, from: number): Run => ({
  place: { kind: 'object', key, from, length: 20_000 },
  batches: 2,
  count: 1_500,
  firstTimestamp: now - 20n,
  maxTimestamp: now + 3n,
  crc: 0x01020304,
});

const idempotent: Run = {
  ...inlineRun(80),
  producer: {
    id: producerId(4_000n),
    epoch: 3,
    txn: 9,
    transactional: true,
    sequences: [{ baseSequence: 2 ** 31 - 1, count: 1 }],
  },
};

const brought = {
  slot: 91_250,
  states: [busyProducer(4_000n, 3)],
  absent: [producerId(2n ** 63n - 1n)],
  verified: [{ producerId: producerId(4_000n), epoch: 3, txn: 9 }],
};

const marker = {
  kind: 'marker',
  id: nextId(),
  producerId: producerId(4_000n),
  epoch: 3,
  txn: 9,
  outcome: 'abort',
  coordinatorEpoch: -1,
  timestamp: now,
  bump: true,
} as const;

/** One of each kind, with and without what is optional. */
export const everyCommand: readonly Command[] = [
  { kind: 'data', id: nextId(), runs: [inlineRun(100)] },
  { kind: 'data', id: nextId(), runs: [idempotent, inlineRun(0)], brought },
  {
    kind: 'data',
    id: nextId(),
    runs: [
      objectRun(ownObject, 0),
      objectRun(ownObject, 20_000),
      objectRun(sharedObject, 777),
      objectRun('seg/other', 0),
    ],
    epoch: 412,
  },
  marker,
  { ...marker, id: nextId(), outcome: 'commit', coordinatorEpoch: 5, bump: false, brought },
  { kind: 'spill', id: nextId(), from: at(10, 500n), to: at(42, 900n), epoch: 411 },
  { kind: 'seal', id: nextId(), from: at(0, 0n), to: at(10, 500n), epoch: 410 },
  { kind: 'seal', id: nextId(), from: at(0, 0n), to: at(10, 500n) },
  { kind: 'start', id: nextId(), offset: offset(2n ** 63n - 1n) },
  { kind: 'floor', id: nextId(), epoch: 412 },
  { kind: 'close', id: nextId() },
  { kind: 'raise', id: nextId(), leaderEpoch: leaderEpoch(2) },
];

export function slotOf(snapshot: Head, commands: readonly Command[]): Slot {
  const bytes = commands.reduce((sum, command) => sum + commandBytes(command), 0);
  return { seq: snapshot.end.seq, snapshot, commands, bytes, limit: 2_400 };
}

export const sampleGroup: SpillGroup = {
  from: at(91_218, 9_158_000n),
  to: at(91_250, 9_165_000n),
  epoch: 412,
  object: ownObject,
  runs: [
    {
      baseOffset: offset(9_158_000n),
      leaderEpoch: leaderEpoch(1),
      content: { kind: 'run', run: objectRun(ownObject, 0) },
    },
    {
      baseOffset: offset(9_159_500n),
      leaderEpoch: leaderEpoch(1),
      content: { kind: 'marker', marker },
    },
    {
      baseOffset: offset(9_159_501n),
      leaderEpoch: leaderEpoch(2),
      content: { kind: 'run', run: objectRun(sharedObject, 777) },
    },
  ],
  commands: [
    {
      id: nextId(),
      verdicts: [
        { kind: 'accepted', baseOffset: offset(9_158_000n), leaderEpoch: leaderEpoch(1) },
        { kind: 'duplicate', baseOffset: offset(4n) },
        { kind: 'refused', reason: 'out-of-order-sequence' },
      ],
    },
    {
      id: marker.id,
      verdicts: [{ kind: 'accepted', baseOffset: offset(9_159_500n), leaderEpoch: leaderEpoch(1) }],
    },
    { id: nextId(), verdicts: [{ kind: 'done' }] },
    // Of a run that lies elsewhere.
    {
      id: nextId(),
      verdicts: [{ kind: 'accepted', baseOffset: offset(7n), leaderEpoch: leaderEpoch(0) }],
    },
  ],
  aborted: [
    {
      producerId: producerId(4_000n),
      firstOffset: offset(9_100_000n),
      lastOffset: offset(9_159_500n),
    },
  ],
  lso: offset(9_164_000n),
  maxTimestamp: now + 3n,
  runningMaxTimestamp: now + 900n,
  hash,
};

export const sampleProducer: ProducerState = busyProducer(4_000n, 3);
