import { describe, expect, test } from 'vitest';
import { memberKey } from '../../../lib/core/group/group.ts';
import type { Member, Ownership, Target } from '../../../lib/core/group/group.ts';
import { handOver } from '../../../lib/core/group/hand-over.ts';
import { heartbeat } from '../../../lib/core/group/heartbeat.ts';
import type { GroupReply, GroupRequest } from '../../../lib/core/group/requests.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { play } from '../script.ts';
import { at, entry, member, state } from './build.ts';

const y = memberKey('m:y', 1);

/** Granted to y in epoch 1. */
const ofY: Ownership = {
  ...at(0),
  group: 'g',
  a: 1,
  owner: y,
  committed: undefined,
  version: 0,
};

const readOwnership = (value: Ownership | undefined): GroupReply => ({
  kind: 'get-ownership',
  outcome: done(value),
});
const readOwner = (value: Member | undefined): GroupReply => ({
  kind: 'get-member',
  outcome: done(value),
});
const put: GroupReply = { kind: 'put-member', outcome: done(undefined) };
const refused: GroupReply = {
  kind: 'put-member',
  outcome: { kind: 'condition-failed', item: undefined },
};
const waited: GroupReply = { kind: 'wait', outcome: done(undefined) };
const putsOf = (asked: readonly GroupRequest[]): readonly Member[] =>
  asked.flatMap((one) => (one.kind === 'put-member' ? [one.member] : []));

describe('what another member was granted and never got', () => {
  const self = member('x');
  const moves = [{ ...at(0), to: self.key }];
  const input = { group: 'g', epoch: 2, self, moves, looks: [] };
  const owner = member('y', { version: 7, settledEpoch: 2 });
  const first = [
    { asks: ['get-ownership'], replies: [readOwnership(ofY)] },
    { asks: ['get-member'], replies: [readOwner(owner)] },
    { asks: ['get-ownership'], replies: [readOwnership(ofY)] },
  ] as const;

  test('is delivered to it, and it is looked at anew', () => {
    const { asked } = play(handOver, input, [...first, { asks: ['put-member'], replies: [put] }]);
    expect(putsOf(asked)).toEqual([
      { ...owner, entries: [entry({ a: 1 })], settledEpoch: 0, version: 8 },
    ]);
  });

  test('is tried again after a pause, on the item as it is then and an ownership read after it', () => {
    const { asked } = play(handOver, input, [
      ...first,
      { asks: ['put-member'], replies: [refused] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-member'], replies: [readOwner({ ...owner, version: 9 })] },
      { asks: ['get-ownership'], replies: [readOwnership(ofY)] },
      { asks: ['put-member'], replies: [put] },
    ]);
    expect(putsOf(asked).map(({ version }) => version)).toEqual([8, 10]);
  });

  test('is pending when five deliveries were overtaken', () => {
    const again = [
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-member'], replies: [readOwner(owner)] },
      { asks: ['get-ownership'], replies: [readOwnership(ofY)] },
      { asks: ['put-member'], replies: [refused] },
    ] as const;
    const { asked, result } = play(handOver, input, [
      ...first,
      { asks: ['put-member'], replies: [refused] },
      ...again,
      ...again,
      ...again,
      ...again,
    ]);
    expect(putsOf(asked)).toHaveLength(5);
    expect(result).toEqual({ known: [ofY], granted: [] });
  });

  test('is tried once where the time is up', () => {
    const { asked } = play(handOver, input, [
      ...first,
      { asks: ['put-member'], replies: [refused], expired: true },
    ]);
    expect(putsOf(asked)).toHaveLength(1);
  });

  test('is left alone once it got it, or is gone', () => {
    const until = [
      ...first,
      { asks: ['put-member'], replies: [refused] },
      { asks: ['wait'], replies: [waited] },
    ] as const;
    const has = { ...owner, entries: [entry({ a: 1 })] };
    const delivered = play(handOver, input, [
      ...until,
      { asks: ['get-member'], replies: [readOwner(has)] },
      { asks: ['get-ownership'], replies: [readOwnership(ofY)] },
    ]);
    expect(putsOf(delivered.asked)).toHaveLength(1);
    const gone = play(handOver, input, [
      ...until,
      { asks: ['get-member'], replies: [readOwner({ ...owner, gone: true })] },
    ]);
    expect(putsOf(gone.asked)).toHaveLength(1);
  });
});

test('what the target gives to another member, that member takes over itself', () => {
  const self = member('x', { entries: [entry({ released: true })] });
  const looks = [at(0)];
  const { result } = play(handOver, { group: 'g', epoch: 2, self, moves: [], looks }, [
    { asks: ['get-ownership'], replies: [readOwnership({ ...ofY, owner: self.key })] },
  ]);
  expect(result.granted).toEqual([]);
});

describe('a heartbeat that has granted a partition to its member', () => {
  const read = (epoch: number, of: Member): readonly GroupReply[] => [
    { kind: 'get-state', outcome: done(state(epoch)) },
    { kind: 'find-member', outcome: done(of) },
  ];
  const target = (epoch: number, to: Target['members']): GroupReply => ({
    kind: 'get-target',
    outcome: done({ group: 'g', epoch, id: `t${epoch}`, members: to }),
  });
  const self = member('y', { key: y });
  const input = {
    group: 'g',
    memberId: 'y',
    instanceId: undefined,
    epoch: 1,
    owned: [],
    offsets: [],
    subscription: undefined,
    nowMs: 0,
  };

  test('delivers it although the target has moved on, so that it is given up', () => {
    const other = { ...self, version: 1 };
    const { asked, result } = play(heartbeat, input, [
      { asks: ['get-state', 'find-member'], replies: read(1, self) },
      { asks: ['get-target'], replies: [target(1, [{ key: y, partitions: [at(0)] }])] },
      { asks: ['get-ownership'], replies: [readOwnership(undefined)] },
      {
        asks: ['put-ownership'],
        replies: [{ kind: 'put-ownership', outcome: done(undefined) }],
      },
      { asks: ['put-member'], replies: [refused] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-state', 'find-member'], replies: read(2, other) },
      { asks: ['get-target'], replies: [target(2, [{ key: y, partitions: [] }])] },
      { asks: ['get-ownership'], replies: [readOwnership(ofY)] },
      { asks: ['put-member'], replies: [put] },
    ]);
    expect(putsOf(asked).at(-1)).toMatchObject({ entries: [{ a: 1 }], settledEpoch: 0 });
    expect(result).toMatchObject({ kind: 'beat', epoch: 2, assigned: [], intervalMs: 1_000 });
  });
});
