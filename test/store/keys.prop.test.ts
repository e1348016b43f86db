import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Position } from '../../lib/core/log/head.ts';
import { deleteTopicJob } from '../../lib/core/topic/mark-topic.ts';
import { partition, topicId } from '../../lib/std/brands.ts';
import { dueBuckets, dueKey, dueRange } from '../../lib/store/due.ts';
import { goneTopicOf } from '../../lib/store/gone-topic.ts';
import { hintKey } from '../../lib/store/hint.ts';
import { keyedRequestKey } from '../../lib/store/keyed-request.ts';
import { parseStageKey, stageKey, stagePrefix } from '../../lib/store/object-keys.ts';
import { producerKey } from '../../lib/store/producer.ts';
import { restRanges, slotKey, slotRange } from '../../lib/store/slot.ts';
import { groupKey, groupRange, groupVersion } from '../../lib/store/spill-group.ts';
import { topicKey, topicRange } from '../../lib/store/topic.ts';
import { logs, objectNames, positions, producerIds, stageEpochs, topicIds } from './arbitraries.ts';
import { dueTimes, dues, idempotencyKeys, topicNames } from './json-arbitraries.ts';
import { byBytes, isIn } from './records.ts';

const log = { topicId: topicId('Zm9vYmFyYmF6cXV4MTIzNA'), partition: partition(17) };
const sign = (n: number | bigint): number => (n < 0 ? -1 : n > 0 ? 1 : 0);

test('slots lie in the order of their positions, two digits each', () => {
  const keys = Array.from({ length: 64 }, (_, position) => slotKey(log, position).sk);
  expect(keys.toSorted(byBytes)).toEqual(keys);
  expect([keys[0], keys[9], keys[63]]).toEqual(['R#00', 'R#09', 'R#63']);
  expect(keys.filter((sk) => isIn({ sk }, slotRange(5, 7)))).toEqual(['R#05', 'R#06', 'R#07']);
  expect(keys.filter((sk) => isIn({ sk }, slotRange()))).toEqual(keys);
  for (const position of [-1, 64, 0.5]) {
    expect(() => slotKey(log, position)).toThrow(/ring position is out of bounds/);
  }
});

test('the rest of a log is everything but its slots', () => {
  const inRest = ({ sk }: { sk: string }) => restRanges.some((range) => isIn({ sk }, range));
  fc.assert(
    fc.property(fc.nat(63), positions, producerIds, (position, at, id) => {
      expect(inRest(slotKey(log, position))).toBe(false);
      const rest = [hintKey(log), groupKey(log, at), producerKey(log, id)];
      expect(rest.map(inRest)).toEqual([true, true, true]);
      expect(['C', 'S#00000000000000000042'].map((sk) => inRest({ sk }))).toEqual([true, true]);
    }),
  );
});

test('spill groups lie in the order of their offsets, then of their slots', () => {
  const near = fc
    .record({ base: positions, other: positions, same: fc.boolean() })
    .map(({ base, other, same }): [Position, Position] => [
      base,
      same ? { ...other, offset: base.offset } : other,
    ]);
  fc.assert(
    fc.property(near, positions, ([a, b], c) => {
      const order = sign(a.offset - b.offset) || sign(a.seq - b.seq);
      expect(byBytes(groupKey(log, a).sk, groupKey(log, b).sk)).toBe(order);
      const [low, high] = order < 0 ? [a, b] : [b, a];
      const within = [low, c, high].toSorted(
        (x, y) => sign(x.offset - y.offset) || sign(x.seq - y.seq),
      );
      const isBetween = within[1] === c || groupKey(log, c).sk === groupKey(log, low).sk;
      expect(isIn(groupKey(log, c), groupRange(low, high))).toBe(
        isBetween || groupKey(log, c).sk === groupKey(log, high).sk,
      );
    }),
  );
});

test('a version of a spill group tells epochs apart, up to a million replacements', () => {
  fc.assert(
    fc.property(stageEpochs, fc.nat(2 ** 20 - 1), (epoch, replacements) => {
      const version = groupVersion(epoch) + replacements;
      expect(Number.isSafeInteger(version)).toBe(true);
      expect(version >= groupVersion(epoch)).toBe(true);
      expect(Math.floor(version / 2 ** 20)).toBe(epoch);
    }),
  );
  expect(() => groupVersion(2 ** 32)).toThrow(/stage epoch is out of bounds/);
});

test('producers lie in the order of their ids', () => {
  fc.assert(
    fc.property(producerIds, producerIds, (a, b) => {
      const order = byBytes(producerKey(log, a).sk, producerKey(log, b).sk);
      expect(order).toBe(sign(a - b));
    }),
  );
});

test('what is due is in the range, what is not due yet is not', () => {
  fc.assert(
    fc.property(dues, dueTimes, fc.boolean(), (due, time, same) => {
      const now = same ? due.dueMs : time;
      const key = dueKey(due);
      expect(dueBuckets).toContain(key.pk);
      expect(isIn(key, dueRange(now))).toBe(due.dueMs <= now);
      expect(isIn(dueKey({ ...due, dueMs: now + 1 }), dueRange(now))).toBe(false);
      expect(dueKey({ ...due, dueMs: now }).pk).toBe(key.pk);
    }),
  );
  expect(dueBuckets).toHaveLength(16);
});

test('a deletion that is due leads to its topic, another job does not', () => {
  fc.assert(
    fc.property(topicIds, dues, (id, due) => {
      expect(goneTopicOf({ ...due, what: `${deleteTopicJob}#${id}` })).toBe(id);
      expect(goneTopicOf({ ...due, what: `x${deleteTopicJob}#${id}` })).toBeUndefined();
    }),
  );
});

test('every topic is listed', () => {
  fc.assert(
    fc.property(topicNames, (name) => {
      expect(isIn(topicKey(name), topicRange)).toBe(true);
    }),
  );
});

test('each idempotency key has a key of its own, within the bound', () => {
  const pairs = fc.tuple(idempotencyKeys, idempotencyKeys, fc.nat()).map(([a, other, at]) => {
    const cut = at % (a.length + 1);
    return [
      a,
      at % 2 === 0 ? other : `${a.slice(0, cut)}${encodeURIComponent('%')}${a.slice(cut)}`,
    ];
  });
  fc.assert(
    fc.property(pairs, ([a = '', b = '']) => {
      const [pkA, pkB] = [a, b].map((key) => keyedRequestKey(log.topicId, key).pk);
      expect(pkA === pkB).toBe(a === b);
      expect(Buffer.byteLength(pkA ?? '')).toBeLessThanOrEqual(512);
    }),
    { numRuns: 500 },
  );
  expect(keyedRequestKey(log.topicId, 'a b#ä').pk).toBe(`IK#${log.topicId}#a%20b%23%C3%A4`);
  const long = keyedRequestKey(log.topicId, '%'.repeat(256)).pk;
  expect(long).toMatch(/^IK#[\w-]{22}#=[0-9a-f]{64}$/);
  expect(() => keyedRequestKey('a#b', 'key')).toThrow(/no topic id/);
});

test('a stage key says its epoch, its log and its name, in the order of epochs', () => {
  const owners = fc.oneof(logs, fc.constant('shared' as const));
  fc.assert(
    fc.property(stageEpochs, stageEpochs, owners, objectNames, (epoch, other, owner, name) => {
      const key = stageKey(epoch, owner, name);
      expect(parseStageKey(key)).toStrictEqual({ epoch, log: owner, name });
      expect(key.startsWith(stagePrefix(epoch))).toBe(true);
      expect(key.startsWith(stagePrefix(epoch, owner))).toBe(true);
      if (other === epoch) return;
      expect(key.startsWith(stagePrefix(other))).toBe(false);
      expect(byBytes(key, stageKey(other, owner, name))).toBe(sign(epoch - other));
    }),
  );
});

test.each([
  'stage/1/_/0123456789abcdef',
  'stage/0000000001/_/0123456789ABCDEF',
  'stage/0000000001/_/0123456789abcdef/',
  'stage/9999999999/_/0123456789abcdef',
  'stage/0000000001/Zm9vYmFyYmF6cXV4MTIzNA/01/0123456789abcdef',
  'stage/0000000001/Zm9vYmFyYmF6cXV4MTIz/1/0123456789abcdef',
  'seg/0000000001/_/0123456789abcdef',
  '',
])('%s is no stage key', (key) => {
  expect(parseStageKey(key)).toBeUndefined();
});
