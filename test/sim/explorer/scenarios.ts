import { commandId, offset, producerId } from '../../../lib/std/brands.ts';
import { data, sequenced, smallConfig } from './commands.ts';
import type { DataShape } from './commands.ts';
import type { Op } from './process.ts';
import type { Scenario } from './scenario.ts';

const append = (id: string, shape?: DataShape): Op => ({ do: 'append', command: data(id, shape) });
const appends = (...ids: readonly string[]): readonly Op[] => ids.map((id) => append(id));

/** An idempotent batch; its content is told by producer and sequence number, not by the id. */
const batch = (id: string, producer: number, sequence: number, expiry?: Expiry): Op => ({
  do: 'append',
  command: data(id, {
    producer: sequenced(producer, sequence),
    content: `${producer}.${sequence}${expiry?.era ?? 'a'}`,
    timestamp: expiry?.timestamp ?? 1n,
  }),
  expiredBefore: expiry?.before ?? 0n,
});

interface Expiry {
  readonly era: string;
  readonly timestamp: bigint;
  readonly before: bigint;
}

/** An id that several processes send: a walk from the very first slot. */
const keyed = (id: string, shape?: DataShape): Op => ({
  do: 'append',
  command: data(id, shape),
  walk: { seq: 0, offset: offset(0n) },
});

const read = (from: number, bytesMax = 100): Op => ({
  do: 'read',
  offset: offset(BigInt(from)),
  bytesMax,
});
const spill: Op = { do: 'spill' };
const close = (id: string): Op => ({ do: 'append', command: { kind: 'close', id: commandId(id) } });
const start = (id: string, to: number): Op => ({
  do: 'append',
  command: { kind: 'start', id: commandId(id), offset: offset(BigInt(to)) },
});
const sweep = (id: string, floor: number): Op => ({ do: 'sweep', id, floor });

const two = smallConfig({ perSlot: 1 });
const three = smallConfig({ perSlot: 2, ringSlots: 3, spillSlots: 2 });

/** Explored by the tests. Each is visited whole, unless it says so. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'A1',
    about: 'two writers, two commands each, ring of 2, one command per slot',
    config: two,
    processes: [{ ops: appends('a001', 'a002') }, { ops: appends('b001', 'b002') }],
    faults: 2,
  },
  {
    name: 'A2',
    about: 'the same, with calls refused and time running out',
    config: two,
    processes: [
      { ops: appends('a001', 'a002'), mayExpire: true },
      { ops: appends('b001', 'b002') },
    ],
    faults: 1,
    refusals: true,
  },
  {
    name: 'A3',
    about: 'a ring gone round twice, and a hint that lies',
    config: smallConfig({ perSlot: 1, ringSlots: 3 }),
    before: appends('s001', 's002', 's003', 's004'),
    processes: [{ ops: appends('a001', 'a002') }, { ops: appends('b001') }],
    faults: 1,
    hintLies: true,
    torn: true,
  },
  {
    name: 'B1',
    about: 'two commands per slot, ring of 3, groups of 2',
    config: three,
    before: appends('s001', 's002', 's003'),
    processes: [{ ops: appends('a001', 'a002') }, { ops: appends('b001', 'b002') }],
    faults: 2,
  },
  {
    name: 'B2',
    about: 'the same where the ring is full; one writer may vanish',
    config: three,
    before: appends('s001', 's002', 's003', 's004', 's005', 's006'),
    processes: [{ ops: appends('a001', 'a002'), mayDie: true }, { ops: appends('b001', 'b002') }],
    faults: 1,
  },
  {
    name: 'B3',
    about: 'one command against three, so that its slot may be overwritten before it is read',
    config: smallConfig({ perSlot: 2 }),
    before: appends('s001'),
    processes: [{ ops: appends('a001') }, { ops: appends('b001', 'b002', 'b003') }],
    faults: 2,
  },
  {
    name: 'B4',
    about: 'room for several copies of a command in one slot, with time running out',
    config: smallConfig({ perSlot: 3 }),
    processes: [
      { ops: appends('a001', 'a002'), mayExpire: true },
      { ops: appends('b001', 'b002') },
    ],
    faults: 2,
  },
  {
    name: 'C1',
    about: 'two processes walk with one id, one may vanish, slots are spilled beside them',
    config: two,
    before: appends('s001'),
    processes: [
      { ops: [keyed('k001')], mayDie: true },
      { ops: [keyed('k001')] },
      { ops: appends('b001') },
    ],
    faults: 1,
  },
  {
    name: 'C2',
    about: 'a walk to an id in a slot that is overwritten meanwhile, with time running out',
    config: smallConfig({ perSlot: 1, ringSlots: 2 }),
    before: [keyed('k001'), ...appends('s002')],
    processes: [{ ops: [keyed('k001')], mayExpire: true }, { ops: appends('b001', 'b002') }],
    faults: 1,
  },
  {
    name: 'D1',
    about: 'three idempotent producers where the head holds one; a batch sent again by another',
    config: two,
    processes: [
      { ops: [batch('a001', 1, 0), batch('a002', 3, 0), batch('a003', 1, 1)] },
      { ops: [batch('b001', 2, 0), batch('b002', 1, 0)] },
    ],
    faults: 1,
  },
  {
    name: 'D2',
    about: 'the same with two commands per slot and a third producer',
    config: smallConfig({ perSlot: 2 }),
    before: [batch('s001', 1, 0), batch('s002', 3, 0)],
    processes: [
      { ops: [batch('a001', 1, 1)] },
      { ops: [batch('b001', 2, 0), batch('b002', 1, 1)] },
    ],
    faults: 2,
  },
  {
    name: 'D3',
    about: 'a producer expires, its item is deleted, then an older overflow of it lands',
    config: two,
    before: [batch('s001', 1, 0), batch('s002', 2, 0)],
    processes: [
      {
        ops: [
          batch('a001', 1, 1),
          batch('a002', 2, 1),
          batch('a003', 2, 2),
          { do: 'forget', producerId: producerId(1n), before: 5n },
          batch('a004', 1, 2, { era: 'a', timestamp: 9n, before: 5n }),
        ],
      },
    ],
    faults: 2,
    faulty: ['put-producer'],
  },
  {
    name: 'E1',
    about: 'a writer, a close, and the deletion that puts stubs',
    config: two,
    processes: [{ ops: appends('a001', 'a002') }, { ops: [close('c001'), { do: 'purge' }] }],
    faults: 1,
  },
  {
    name: 'E2',
    about: 'the same in a longer ring, with a reader',
    config: smallConfig({ perSlot: 1, ringSlots: 3 }),
    before: appends('s001', 's002', 's003'),
    processes: [
      { ops: appends('a001') },
      { ops: [close('c001'), { do: 'purge' }] },
      { ops: [read(0)] },
    ],
    faults: 1,
  },
  {
    name: 'F1',
    about: 'a sweep against data in objects; staged again under the same id',
    config: two,
    processes: [
      { ops: [append('a001', { epoch: 0 }), append('a002', { epoch: 0 })] },
      { ops: [sweep('f001', 1)] },
    ],
    faults: 1,
  },
  {
    name: 'F2',
    about: 'a sweep against a writer whose advance carries a spill',
    config: two,
    before: appends('s001', 's002'),
    processes: [{ ops: appends('a001') }, { ops: [sweep('f001', 1)] }],
    faults: 1,
  },
  {
    name: 'F3',
    about: 'a keyed command in an object, sent by two, against a floor',
    config: two,
    before: appends('s001'),
    processes: [
      { ops: [keyed('k001', { epoch: 0 })] },
      { ops: [keyed('k001', { epoch: 0 })] },
      { ops: [sweep('f001', 1)] },
    ],
    faults: 1,
    faulty: ['append', 'put-slot'],
  },
  {
    name: 'F4',
    about: 'copies below the floor and staged again in one slot',
    config: smallConfig({ perSlot: 4 }),
    before: appends('s001'),
    processes: [{ ops: [append('a001', { epoch: 0 })] }, { ops: [sweep('f001', 1)] }],
    faults: 2,
  },
  {
    name: 'G1',
    about: 'a reader beside two writers and a ring that spills',
    config: two,
    before: appends('s001'),
    processes: [{ ops: appends('a001') }, { ops: appends('b001') }, { ops: [read(0), read(1)] }],
    faults: 0,
    torn: true,
  },
  {
    name: 'G2',
    about: 'a tail reader beside a writer with answers lost',
    config: smallConfig({ perSlot: 2, ringSlots: 3 }),
    before: appends('s001'),
    processes: [{ ops: appends('a001', 'a002', 'a003') }, { ops: [read(1, 1), read(2, 1)] }],
    faults: 1,
    refusals: true,
    torn: true,
  },
  {
    name: 'G3',
    about: 'a reader and a walk beside a log start offset that rises',
    config: two,
    before: appends('s001', 's002'),
    processes: [
      { ops: [start('t001', 1), append('b001')] },
      { ops: [keyed('k001')] },
      { ops: [read(0), read(1)] },
    ],
    faults: 0,
    torn: true,
  },
  {
    name: 'H1',
    about: 'two spillers of one group race a sweep; proposals land late',
    config: smallConfig({ perSlot: 1, ringSlots: 4 }),
    before: appends('s001', 's002'),
    processes: [{ ops: [spill] }, { ops: [spill] }, { ops: [sweep('f001', 1)] }],
    faults: 1,
    faulty: ['put-group'],
  },
];

const expiring = scenarios.filter(({ name }) => name === 'D3');

const larger: readonly Scenario[] = [
  ...expiring.map((scenario) => ({
    ...scenario,
    name: 'D4',
    about: `${scenario.about}; beside another writer`,
    processes: [...scenario.processes, { ops: appends('b001') }],
    faults: 1,
  })),
  {
    name: 'A4',
    about: 'three writers',
    config: two,
    processes: [{ ops: appends('a001') }, { ops: appends('b001') }, { ops: appends('d001') }],
    faults: 2,
  },
  {
    name: 'A5',
    about: 'a sole writer beside another: limits and hints change with the streak',
    config: smallConfig({ perSlot: 2, ringSlots: 3, soleStreak: 2, soleBytes: 0, hintEvery: 2 }),
    before: appends('s001'),
    processes: [{ ops: appends('a001', 'a002', 'a003') }, { ops: appends('b001', 'b002') }],
    faults: 2,
    hintLies: true,
  },
  {
    name: 'F5',
    about: 'a sweep against two writers who spill',
    config: two,
    before: appends('s001', 's002'),
    processes: [{ ops: appends('a001') }, { ops: appends('b001') }, { ops: [sweep('f001', 1)] }],
    faults: 1,
  },
  {
    name: 'G4',
    about: 'a reader beside two writers, with data in objects and a spiller',
    config: smallConfig({ perSlot: 2, ringSlots: 3, spillSlots: 2 }),
    before: appends('s001', 's002', 's003'),
    processes: [
      { ops: [append('a001', { epoch: 0 }), append('a002', { count: 3 })] },
      { ops: [spill, append('b001')] },
      { ops: [read(0), read(3)] },
    ],
    faults: 1,
    torn: true,
  },
];

/** Larger worlds, and the same with one fault more; some are too large to be visited whole. */
export const longScenarios: readonly Scenario[] = [
  ...larger,
  ...scenarios.map((scenario) => ({
    ...scenario,
    name: `${scenario.name}+`,
    faults: scenario.faults + 1,
  })),
].map((scenario) => ({ ...scenario, statesMax: 1_000_000 }));
