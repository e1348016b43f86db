import { describe, expect, test } from 'vitest';
import { deleteGroup } from '../../../lib/core/group/delete-group.ts';
import type { GroupState, Member, Ownership } from '../../../lib/core/group/group.ts';
import type { GroupReply } from '../../../lib/core/group/requests.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { emptyWorld } from '../../sim/explorer/groups/world.ts';
import { play } from '../script.ts';
import { at, committed, member, state } from './build.ts';
import { runOn } from './run.ts';

const input = {
  group: 'g',
  id: 'x',
  topics: [],
  joiner: undefined,
  nowMs: 0,
  trustsClock: true,
} as const;

const ownership: Ownership = {
  ...at(0),
  group: 'g',
  a: 0,
  owner: undefined,
  committed: committed(3),
  version: 4,
};

const readState = (value?: GroupState): GroupReply => ({
  kind: 'get-state',
  outcome: done(value),
});
const readMembers = (...value: readonly Member[]): GroupReply => ({
  kind: 'query-members',
  outcome: done(value),
});
const found: GroupReply = { kind: 'query-ownerships', outcome: done([ownership]) };
const read: GroupReply = { kind: 'get-ownership', outcome: done(ownership) };
const throttled = { kind: 'throttled' } as const;

/** There has been no member. */
const until = [
  { asks: ['get-state'], replies: [readState()] },
  { asks: ['get-state', 'query-members'], replies: [readState(), readMembers()] },
] as const;
const emptying = [
  ...until,
  { asks: ['query-ownerships'], replies: [found] },
  { asks: ['get-state'], replies: [readState()] },
  { asks: ['get-ownership'], replies: [read] },
] as const;

describe('a deletion that is cut short', () => {
  test('has not begun where nothing could be read', () => {
    const { result } = play(deleteGroup, input, [
      until[0],
      {
        asks: ['get-state', 'query-members'],
        replies: [{ kind: 'get-state', outcome: throttled }, readMembers()],
        expired: true,
      },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: false });
    const unread: GroupReply = { kind: 'query-ownerships', outcome: throttled };
    const later = play(deleteGroup, input, [
      ...until,
      { asks: ['query-ownerships'], replies: [unread], expired: true },
    ]);
    expect(later.result).toEqual({ kind: 'expired', sent: false });
  });

  test('may have happened where a write was not answered', () => {
    const outcome = { kind: 'indeterminate', cause: '' } as const;
    const { result, asked } = play(deleteGroup, input, [
      ...emptying,
      { asks: ['put-ownership'], replies: [{ kind: 'put-ownership', outcome }], expired: true },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: true });
    expect(asked.at(-1)).toEqual({
      kind: 'put-ownership',
      ownership: { ...ownership, committed: undefined, version: 5 },
    });
  });

  test('has not happened where the only write was refused by the store', () => {
    const { result } = play(deleteGroup, input, [
      ...emptying,
      {
        asks: ['put-ownership'],
        replies: [{ kind: 'put-ownership', outcome: throttled }],
        expired: true,
      },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: false });
  });

  test('looks again where it has time', () => {
    const { result } = play(deleteGroup, input, [
      ...until,
      {
        asks: ['query-ownerships'],
        replies: [{ kind: 'query-ownerships', outcome: throttled }],
      },
      { asks: ['wait'], replies: [{ kind: 'wait', outcome: done(undefined) }] },
      ...emptying,
      { asks: ['put-ownership'], replies: [{ kind: 'put-ownership', outcome: done(undefined) }] },
    ]);
    expect(result).toEqual({ kind: 'deleted' });
  });
});

describe('a group with members', () => {
  const joined = { ...state(1), members: 1 };

  test('is not deleted, though one joined when some of it was', () => {
    const { result } = play(deleteGroup, input, [
      ...until,
      { asks: ['query-ownerships'], replies: [found] },
      { asks: ['get-state'], replies: [readState(joined)] },
    ]);
    expect(result).toEqual({ kind: 'refused', reason: 'non-empty', emptied: 0 });
  });

  test('is waited for while `STATE` counts members that are gone', () => {
    const one = member('x');
    const { result } = play(deleteGroup, input, [
      until[0],
      { asks: ['get-state', 'query-members'], replies: [readState(joined), readMembers()] },
      { asks: ['wait'], replies: [{ kind: 'wait', outcome: done(undefined) }] },
      until[0],
      { asks: ['get-state', 'query-members'], replies: [readState(joined), readMembers(one)] },
    ]);
    expect(result).toEqual({ kind: 'refused', reason: 'non-empty', emptied: 0 });
  });
});

test('more offsets than are deleted at once are deleted by a call after the other', () => {
  const ownerships = Array.from({ length: 250 }, (_, i) => ({ ...ownership, ...at(i) }));
  const world = {
    ...emptyWorld,
    ownerships: new Map(ownerships.map((one) => [`t#${one.partition}`, one])),
  };
  // Time is up after 200 calls.
  const first = runOn(world, deleteGroup, input);
  expect(first.result).toEqual({ kind: 'expired', sent: true });
  expect(first.calls.filter((kind) => kind === 'put-ownership')).toHaveLength(100);
  const second = runOn(first.world, deleteGroup, input);
  expect(second.result).toEqual({ kind: 'expired', sent: true });
  const third = runOn(second.world, deleteGroup, input);
  expect(third.result).toEqual({ kind: 'deleted' });
  expect(third.calls.filter((kind) => kind === 'put-ownership')).toHaveLength(50);
});
