import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign, assignorNamed } from '../../../lib/core/group/assign.ts';
import { memberKey, partitionName } from '../../../lib/core/group/group.ts';
import type { Assigned, AssignorName, TopicView } from '../../../lib/core/group/group.ts';
import type { Subscriber } from '../../../lib/core/group/subscribers.ts';
import { topic } from './build.ts';

const names: readonly AssignorName[] = ['range', 'round-robin', 'sticky', 'uniform'];
const balanced: readonly AssignorName[] = ['sticky', 'uniform'];

const topicsOf = fc
  .array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })
  .map((counts) => counts.map((count, i) => topic(`t${i}`, count)));

/** Members that read some of the topics each; `same`: all of them. */
const groups = (same: boolean) =>
  topicsOf.chain((topics) =>
    fc.array(fc.subarray(topics), { minLength: 1, maxLength: 8 }).map((reads) =>
      reads.map((own, i): Subscriber => ({
        key: key(i),
        topics: same ? topics : own,
        before: [],
      })),
    ),
  );

const key = (i: number) => memberKey(`m:${i}`, 1);

const again = (
  members: readonly Subscriber[],
  before: readonly Assigned[],
): readonly Subscriber[] =>
  members.map((member) => ({
    ...member,
    before: before.find((one) => one.key === member.key)?.partitions ?? [],
  }));

/** A change of the group: a member leaves, another one joins. */
const changed = (members: readonly Subscriber[], leaves: number): readonly Subscriber[] => {
  const [first] = members;
  const stay =
    members.length > 1 ? members.filter((_, i) => i !== leaves % members.length) : members;
  return [...stay, { key: key(100), topics: first?.topics ?? [], before: [] }];
};

/** Partitions that nobody owns, or several, or who does not read the topic. */
function faults(members: readonly Subscriber[], given: readonly Assigned[]): readonly string[] {
  const read = new Map(
    members.flatMap(({ topics }) => topics.map((one) => [one.id, one] as const)),
  );
  const all = [...read.values()].flatMap(({ id, partitions }) =>
    Array.from({ length: partitions }, (_, i) => `${id}#${i}`),
  );
  const owned = given.flatMap(({ partitions }) => partitions.map((one) => partitionName(one)));
  const strays = given.flatMap(({ partitions }, i) => {
    const ids = new Set(members[i]?.topics.map(({ id }) => id));
    return partitions.filter(({ topicId }) => !ids.has(topicId)).map((one) => partitionName(one));
  });
  const wrong = all.filter((name) => owned.filter((one) => one === name).length !== 1);
  return [...wrong, ...strays, ...owned.filter((name) => !all.includes(name))];
}

const counts = (given: readonly Assigned[]): readonly number[] =>
  given.map(({ partitions }) => partitions.length);
const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
const ofTopic = (given: readonly Assigned[], { id }: TopicView): readonly number[] =>
  given.map(({ partitions }) => partitions.filter(({ topicId }) => topicId === id).length);

describe.each(names)('%s', (name) => {
  test('gives each partition to exactly one of those who read it, also after changes', () => {
    fc.assert(
      fc.property(groups(false), fc.nat(), (members, leaves) => {
        const given = assign(name, members);
        expect(faults(members, given)).toEqual([]);
        const next = again(changed(members, leaves), given);
        expect(faults(next, assign(name, next))).toEqual([]);
      }),
    );
  });

  test('gives what it gave, given what it gave: a target is a fixed point', () => {
    fc.assert(
      fc.property(groups(false), fc.nat(), (members, leaves) => {
        const next = again(changed(members, leaves), assign(name, members));
        const given = assign(name, next);
        expect(assign(name, again(next, given))).toEqual(given);
      }),
    );
  });

  test('what was owned twice, or is not there, or is not read, does it no harm', () => {
    fc.assert(
      fc.property(groups(false), groups(false), (members, others) => {
        const [stray] = assign(name, others);
        const next = members.map((member) => ({ ...member, before: stray?.partitions ?? [] }));
        expect(faults(next, assign(name, next))).toEqual([]);
      }),
    );
  });
});

describe.each(balanced)('%s', (name) => {
  test('differs by at most one where all read the same', () => {
    fc.assert(
      fc.property(groups(true), fc.nat(), (members, leaves) => {
        const given = assign(name, members);
        expect(spread(counts(given))).toBeLessThanOrEqual(1);
        const next = again(changed(members, leaves), given);
        expect(spread(counts(assign(name, next)))).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('leaves no partition with who has two more than another who reads it', () => {
    fc.assert(
      fc.property(groups(false), (members) => {
        const given = assign(name, members);
        const worse = given.flatMap(({ partitions }, from) =>
          partitions.filter((one) =>
            members.some(
              ({ topics }, to) =>
                topics.some(({ id }) => id === one.topicId) &&
                partitions.length - (given[to]?.partitions.length ?? 0) >= 2 &&
                from !== to,
            ),
          ),
        );
        expect(worse).toEqual([]);
      }),
    );
  });

  test('where all read the same, moves only what a member lost or another one lacks', () => {
    fc.assert(
      fc.property(groups(true), (members) => {
        const before = assign(name, members);
        const [first] = members;
        const joined = [
          ...again(members, before),
          { key: key(100), topics: first?.topics ?? [], before: [] },
        ];
        const after = assign(name, joined);
        const stayed = after.flatMap(({ key: owner, partitions }) => {
          const had = new Set(
            before.find((one) => one.key === owner)?.partitions.map((one) => partitionName(one)),
          );
          return partitions.filter((one) => had.has(partitionName(one)));
        });
        const total = counts(after).reduce((sum, one) => sum + one, 0);
        expect(total - stayed.length).toBe(counts(after).at(-1));
      }),
    );
  });
});

test('range gives each reader of a topic ⌊partitions/readers⌋ or one more', () => {
  fc.assert(
    fc.property(groups(true), fc.nat(), (members, leaves) => {
      const given = assign('range', members);
      const next = again(changed(members, leaves), given);
      const [first] = members;
      for (const one of first?.topics ?? []) {
        expect(spread(ofTopic(given, one))).toBeLessThanOrEqual(1);
        expect(spread(ofTopic(assign('range', next), one))).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('range divides topics of one size alike, so that they can be joined', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 7 }), (count, size) => {
      const topics = [topic('a', count), topic('b', count)];
      const members = Array.from({ length: size }, (_, i) => ({ key: key(i), topics, before: [] }));
      for (const { partitions } of assign('range', members)) {
        const of = (name: string) =>
          partitions.filter(({ topicId }) => topicId === name).map(({ partition }) => partition);
        expect(of('a')).toEqual(of('b'));
      }
    }),
  );
});

test('round-robin deals partitions out in turn', () => {
  const topics = [topic('a', 3), topic('b', 2)];
  const members = [0, 1].map((i) => ({ key: key(i), topics, before: [] }));
  const dealt = assign('round-robin', members).map(({ partitions }) =>
    partitions.map((one) => partitionName(one)),
  );
  expect(dealt).toEqual([
    ['a#0', 'a#2', 'b#1'],
    ['a#1', 'b#0'],
  ]);
});

test('assignors are known by the names that clients use', () => {
  expect(assignorNamed('uniform')).toBe('uniform');
  expect(assignorNamed('roundrobin')).toBe('round-robin');
  expect([assignorNamed('cooperative'), assignorNamed('toString')]).toEqual([undefined, undefined]);
});
