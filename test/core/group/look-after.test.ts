import { expect, test } from 'vitest';
import { expireOffsets } from '../../../lib/core/group/expire-offsets.ts';
import type { Ownership } from '../../../lib/core/group/group.ts';
import { memberKey } from '../../../lib/core/group/group.ts';
import { fingerprintOf, nextLookMs } from '../../../lib/core/group/listed-group.ts';
import { readGroup } from '../../../lib/core/group/read-group.ts';
import type { GroupReply } from '../../../lib/core/group/requests.ts';
import { pause } from '../../../lib/core/log/requests.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { play } from '../script.ts';
import { at, committed, member, state } from './build.ts';

const ownership = (partition: number, parts: Partial<Ownership> = {}): Ownership => ({
  group: 'g',
  ...at(partition),
  a: 3,
  owner: undefined,
  committed: committed(7),
  version: 4,
  ...parts,
});

const throttled = { kind: 'throttled' } as const;
const waited = { kind: 'wait', outcome: done(undefined) } as const;

test('a group is due on a grid of ten minutes, a minute from now at the earliest', () => {
  const minute = 60_000;
  expect(nextLookMs(0)).toBe(10 * minute);
  expect(nextLookMs(9 * minute)).toBe(10 * minute);
  expect(nextLookMs(9 * minute + 1)).toBe(20 * minute);
  expect(nextLookMs(10 * minute)).toBe(20 * minute);
});

test('whatever changes in a group changes its fingerprint; the order of reading does not', () => {
  const all = [ownership(0), ownership(1)];
  const one = fingerprintOf(5, all);
  expect(fingerprintOf(5, all.toReversed())).toBe(one);
  const others = [
    fingerprintOf(6, all),
    fingerprintOf(5, [ownership(0)]),
    fingerprintOf(5, [ownership(0, { version: 5 }), ownership(1)]),
    fingerprintOf(5, [ownership(0), ownership(2)]),
  ];
  expect(new Set([one, ...others]).size).toBe(5);
});

test('offsets expire on their versions, and nothing else of an ownership changes', () => {
  const owner = memberKey('m:one', 2);
  const [old, none, changed] = [
    ownership(0, { owner }),
    ownership(1, { committed: undefined }),
    ownership(2),
  ] as const;
  const replies: readonly GroupReply[] = [
    { kind: 'put-ownership', outcome: done(undefined) },
    { kind: 'put-ownership', outcome: { kind: 'condition-failed', item: changed } },
  ];
  const { result, asked } = play(expireOffsets, { ownerships: [old, none, changed] }, [
    { asks: ['put-ownership', 'put-ownership'], replies },
  ]);
  expect(result).toBe(1);
  const gone = [old, changed].map((one) => ({ ...one, committed: undefined, version: 5 }));
  expect(asked).toEqual(gone.map((one) => ({ kind: 'put-ownership', ownership: one })));
  expect(play(expireOffsets, { ownerships: [none] }, []).result).toBe(0);
});

test('offsets expire a hundred at a time', () => {
  const ownerships = Array.from({ length: 101 }, (_, i) => ownership(i));
  const puts = (count: number) => ({
    asks: Array.from({ length: count }, () => 'put-ownership' as const),
    replies: Array.from(
      { length: count },
      () => ({ kind: 'put-ownership', outcome: done(undefined) }) as const,
    ),
  });
  expect(play(expireOffsets, { ownerships }, [puts(100), puts(1)]).result).toBe(101);
});

test('a group is read in the order that offsets need: members before ownerships', () => {
  const target = { group: 'g', epoch: 2, id: 't2', members: [] };
  const found = { kind: 'query-members', outcome: done([member('one')]) } as const;
  const { result, asked } = play(readGroup, { group: 'g', withOwnerships: true }, [
    { asks: ['get-state'], replies: [{ kind: 'get-state', outcome: throttled }] },
    { asks: ['wait'], replies: [waited] },
    { asks: ['get-state'], replies: [{ kind: 'get-state', outcome: done(state(2)) }] },
    {
      asks: ['query-members', 'get-target'],
      replies: [found, { kind: 'get-target', outcome: done(target) }],
    },
    {
      asks: ['query-ownerships'],
      replies: [{ kind: 'query-ownerships', outcome: done([ownership(0)]) }],
    },
  ]);
  expect(result).toEqual({
    kind: 'read',
    sight: { state: state(2), target, members: [member('one')], ownerships: [ownership(0)] },
  });
  expect(asked).toContainEqual(pause);
  expect(asked).toContainEqual({ kind: 'get-target', group: 'g', epoch: 2, id: 't2' });
});

test.each([['get-state'], ['query-members'], ['get-target'], ['query-ownerships']])(
  'a group is not told as read when %s was not answered',
  (which) => {
    const outcome = <Value>(kind: string, value: Value) =>
      kind === which ? throttled : done(value);
    const target = { group: 'g', epoch: 2, id: 't2', members: [] };
    const lines = [
      {
        asks: ['get-state'] as const,
        replies: [{ kind: 'get-state', outcome: outcome('get-state', state(2)) } as const],
      },
      {
        asks: ['query-members', 'get-target'] as const,
        replies: [
          { kind: 'query-members', outcome: outcome('query-members', []) } as const,
          { kind: 'get-target', outcome: outcome('get-target', target) } as const,
        ],
      },
      {
        asks: ['query-ownerships'] as const,
        replies: [{ kind: 'query-ownerships', outcome: outcome('query-ownerships', []) } as const],
      },
    ];
    const failing = lines.findIndex(({ asks }) => (asks as readonly string[]).includes(which));
    const script = lines.slice(0, failing + 1).map((line) => ({ ...line, expired: true }));
    const { result } = play(readGroup, { group: 'g', withOwnerships: true }, script);
    expect(result).toEqual({ kind: 'expired' });
  },
);

test('a group whose target is replaced while it is read is read again', () => {
  const target = { group: 'g', epoch: 3, id: 't3', members: [] };
  const replies = (value: typeof target | undefined): readonly GroupReply[] => [
    { kind: 'query-members', outcome: done([]) },
    { kind: 'get-target', outcome: done(value) },
  ];
  const asks = ['query-members', 'get-target'] as const;
  const { result } = play(readGroup, { group: 'g', withOwnerships: false }, [
    { asks: ['get-state'], replies: [{ kind: 'get-state', outcome: done(state(2)) }] },
    { asks, replies: replies(undefined) },
    { asks: ['wait'], replies: [waited] },
    { asks: ['get-state'], replies: [{ kind: 'get-state', outcome: done(state(3)) }] },
    { asks, replies: replies(target) },
  ]);
  expect(result).toMatchObject({ sight: { state: state(3), target } });
});

test('a group that never had a member is read without a target', () => {
  const { result } = play(readGroup, { group: 'g', withOwnerships: false }, [
    { asks: ['get-state'], replies: [{ kind: 'get-state', outcome: done(undefined) }] },
    { asks: ['query-members'], replies: [{ kind: 'query-members', outcome: done([]) }] },
  ]);
  expect(result).toMatchObject({ sight: { state: undefined, target: undefined, members: [] } });
});
