import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assign } from '../../../lib/core/group/assign.ts';
import { memberKey, partitionKey, partitionName } from '../../../lib/core/group/group.ts';
import type { AssignorName } from '../../../lib/core/group/group.ts';
import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import { topicId } from '../../../lib/std/brands.ts';

/** By member: `t0:0,1 t1:3`, topics in their order. */
type Given = Readonly<Record<string, string>>;

/** A group, what its members had, and what Kafka's assignors gave them (golden/CHECKED.md). */
interface GoldenStep {
  readonly topics: Readonly<Record<string, number>>;
  /** By member: topics, space between. */
  readonly members: Readonly<Record<string, string>>;
  readonly classicRange: Given;
  readonly roundRobin: Given;
  readonly rangeBefore: Given;
  readonly range: Given;
  readonly uniformBefore: Given;
  readonly uniform: Given;
}

const file = new URL('golden/assignments.json', import.meta.url);
const { steps } = JSON.parse(readFileSync(file, 'utf8')) as { readonly steps: GoldenStep[] };

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));

const partitionsIn = (text: string | undefined): readonly PartitionKey[] =>
  words(text ?? '').flatMap((word) => {
    const [topic = '', numbers = ''] = word.split(':');
    return numbers.split(',').map((number) => partitionKey(topicId(topic), Number(number)));
  });

const textOf = (partitions: readonly PartitionKey[]): string =>
  [...Map.groupBy(partitions, (one) => one.topicId)]
    .map(([topic, all]) => `${topic}:${all.map(({ partition }) => partition).join(',')}`)
    .join(' ');

function assigned(name: AssignorName, { topics, members }: GoldenStep, before: Given): Given {
  const subscribers = Object.entries(members).map(([member, reads]) => ({
    key: memberKey(member, 1),
    topics: words(reads).map((topic) => ({
      name: topic,
      id: topicId(topic),
      partitions: topics[topic] ?? 0,
    })),
    before: partitionsIn(before[member]),
  }));
  const given = assign(name, subscribers);
  return Object.fromEntries(
    Object.keys(members).map((member, i) => [member, textOf(given[i]?.partitions ?? [])]),
  );
}

const ownersIn = (given: Given): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(given).flatMap(([member, text]) =>
      partitionsIn(text).map((one) => [partitionName(one), member] as const),
    ),
  );

/** Partitions that somebody had, and somebody else has now. */
function movesBetween(before: Given, after: Given): number {
  const had = ownersIn(before);
  return [...ownersIn(after)].filter(([name, member]) => (had.get(name) ?? member) !== member)
    .length;
}

const counts = (given: Given): readonly number[] =>
  Object.values(given)
    .map((text) => partitionsIn(text).length)
    .toSorted((a, b) => a - b);

const sumOfSquares = (given: Given): number =>
  counts(given).reduce((sum, count) => sum + count * count, 0);

test('Kafka was asked about many groups', () => {
  expect(steps).toHaveLength(240);
});

describe("assignors give what Kafka's give", () => {
  test('range, to members that had nothing, as its clients compute it', () => {
    for (const step of steps) expect(assigned('range', step, {})).toEqual(step.classicRange);
  });

  test('range, whatever members had, as its group coordinator computes it', () => {
    for (const step of steps) {
      expect(assigned('range', step, step.rangeBefore)).toEqual(step.range);
    }
  });

  test('round-robin', () => {
    for (const step of steps) expect(assigned('round-robin', step, {})).toEqual(step.roundRobin);
  });
});

/*
 * Kafka's `uniform` chooses among what is equally good by orders of its own hash maps: what it
 * gives is no contract, but how well it does is.
 */
describe("uniform does as well as Kafka's group coordinator", () => {
  test('it is as balanced', () => {
    for (const step of steps) {
      const ours = assigned('uniform', step, step.uniformBefore);
      expect(ownersIn(ours).size).toBe(ownersIn(step.uniform).size);
      expect(sumOfSquares(ours)).toBeLessThanOrEqual(sumOfSquares(step.uniform));
    }
  });

  test('and moves no more', () => {
    let [ourMoves, kafkaMoves] = [0, 0];
    for (const step of steps) {
      const ours = movesBetween(step.uniformBefore, assigned('uniform', step, step.uniformBefore));
      const kafkas = movesBetween(step.uniformBefore, step.uniform);
      expect(ours).toBeLessThanOrEqual(kafkas);
      ourMoves += ours;
      kafkaMoves += kafkas;
    }
    expect([ourMoves, kafkaMoves]).toEqual([428, 431]);
  });
});
