import { groupBounds } from '../../lib/core/group/bounds.ts';
import * as fc from 'fast-check';
import { byPartition, memberKey } from '../../lib/core/group/group.ts';
import type {
  Assigned,
  Committed,
  Entry,
  GroupState,
  Member,
  MemberKey,
  Ownership,
  Subscription,
  Target,
} from '../../lib/core/group/group.ts';
import type { ListedGroup } from '../../lib/core/group/listed-group.ts';
import type { PartitionKey } from '../../lib/core/log/partition-key.ts';
import { logs, numbers, offsets, record, safe } from './arbitraries.ts';
import { topicNames } from './json-arbitraries.ts';

/* Arbitraries for the records of consumer groups. */

/** As doors let them in: text whose encoded form fits in a key. */
export const groupNames = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9._-]{1,249}$/),
  fc.string({
    unit: fc.constantFrom('#', '@', '%', ':', 'ä', '🦆', '/', 'a', '3A', ' '),
    minLength: 1,
    maxLength: 30,
  }),
);

export const memberKeys: fc.Arbitrary<MemberKey> = fc
  .tuple(fc.constantFrom('m:', 'i:'), groupNames, numbers(10 ** 12, 1))
  .map(([kind, name, epoch]) => memberKey(`${kind}${name}`, epoch));

const committeds: fc.Arbitrary<Committed> = record({
  offset: offsets,
  leaderEpoch: numbers(2 ** 31 - 1, -1),
  metadata: fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme' })),
});
const optionalCommitted = fc.option(committeds, { nil: undefined });

const entries: fc.Arbitrary<readonly Entry[]> = fc
  .uniqueArray(
    fc.tuple(
      logs,
      record({ a: safe, n: safe, committed: optionalCommitted, released: fc.boolean() }),
    ),
    { maxLength: 20, selector: ([{ topicId, partition }]) => `${topicId}#${partition}` },
  )
  .map((all) => all.map(([key, entry]) => ({ ...key, ...entry })).toSorted(byPartition));

const subscriptions: fc.Arbitrary<Subscription> = fc.oneof(
  fc.array(topicNames, { maxLength: 5 }).map((names) => ({ kind: 'names' as const, names })),
  fc.string({ unit: 'grapheme' }).map((pattern) => ({ kind: 'pattern' as const, pattern })),
);

export const members: fc.Arbitrary<Member> = record({
  group: groupNames,
  key: memberKeys,
  memberId: fc.string({ unit: 'grapheme' }),
  former: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: groupBounds.formerMax }),
  clientId: fc.string({ unit: 'grapheme' }),
  clientHost: fc.string(),
  subscription: subscriptions,
  assignor: fc.option(fc.constantFrom('range', 'round-robin', 'sticky', 'uniform' as const), {
    nil: undefined,
  }),
  sessionMs: safe,
  rebalanceMs: safe,
  beatMs: safe,
  settledEpoch: safe,
  gone: fc.boolean(),
  entries,
  version: safe,
});

export const listedGroups: fc.Arbitrary<ListedGroup> = record({
  group: groupNames,
  empty: fc.option(record({ fingerprint: fc.stringMatching(/^[0-9a-f]{32}$/), sinceMs: safe }), {
    nil: undefined,
  }),
  version: safe,
});

export const groupStates: fc.Arbitrary<GroupState> = record({
  group: groupNames,
  epoch: safe,
  target: fc.stringMatching(/^[0-9a-z]{1,40}$/),
  sinceMs: safe,
  members: numbers(1_000),
});

export const ownerships: fc.Arbitrary<Ownership> = fc
  .tuple(
    logs,
    record({
      group: groupNames,
      a: safe,
      owner: fc.option(memberKeys, { nil: undefined }),
      committed: optionalCommitted,
      version: safe,
    }),
  )
  .map(([key, rest]) => ({ ...key, ...rest }));

const assignments: fc.Arbitrary<readonly PartitionKey[]> = fc
  .uniqueArray(logs, {
    maxLength: 10,
    selector: ({ topicId, partition }) => `${topicId}#${partition}`,
  })
  .map((all) => all.toSorted(byPartition));

export const targets: fc.Arbitrary<Target> = record({
  group: groupNames,
  epoch: safe,
  id: fc.stringMatching(/^[0-9a-z]{1,40}$/),
  members: fc.array(record<Assigned>({ key: memberKeys, partitions: assignments }), {
    maxLength: 5,
  }),
});
