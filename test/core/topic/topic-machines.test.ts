import { describe, expect, test } from 'vitest';
import { partition, topicId } from '../../../lib/std/brands.ts';
import { formatOne } from '../../../lib/core/log/config.ts';
import { genesis } from '../../../lib/core/log/head.ts';
import type { Slot } from '../../../lib/core/log/slot.ts';
import { markTopic } from '../../../lib/core/topic/mark-topic.ts';
import type { MarkReply } from '../../../lib/core/topic/mark-topic.ts';
import { purgePartition } from '../../../lib/core/topic/purge-partition.ts';
import type { PurgeReply } from '../../../lib/core/topic/purge-partition.ts';
import { putTopic } from '../../../lib/core/topic/put-topic.ts';
import type { TopicReply } from '../../../lib/core/topic/put-topic.ts';
import type { Topic } from '../../../lib/core/topic/topic.ts';
import { play } from '../script.ts';

const topic: Topic = {
  name: 't',
  id: topicId('A'.repeat(22)),
  partitions: 2,
  configs: {},
  deleting: false,
  version: 0,
};
const nothing = { kind: 'done', value: undefined } as const;
const indeterminate = { kind: 'indeterminate', cause: 'test' } as const;
const unavailable = { kind: 'unavailable', cause: 'test' } as const;
const waited = { kind: 'wait', outcome: { kind: 'done' } } as const;

describe('put a topic', () => {
  const reply = (outcome: Extract<TopicReply, { kind: 'put-topic' }>['outcome']): TopicReply => ({
    kind: 'put-topic',
    outcome,
  });

  test('done, or another stands there', () => {
    expect(
      play(putTopic, topic, [{ asks: ['put-topic'], replies: [reply(nothing)] }]).result,
    ).toEqual({
      kind: 'put',
    });
    const standing = { ...topic, id: topicId('B'.repeat(22)) };
    const refused = reply({ kind: 'condition-failed', item: standing });
    const { result } = play(putTopic, topic, [{ asks: ['put-topic'], replies: [refused] }]);
    expect(result).toEqual({ kind: 'conflict', standing });
  });

  test('an unanswered put that landed is found by putting it again', () => {
    const { result } = play(putTopic, topic, [
      { asks: ['put-topic'], replies: [reply(indeterminate)] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['put-topic'], replies: [reply({ kind: 'condition-failed', item: topic })] },
    ]);
    expect(result).toEqual({ kind: 'put' });
  });

  test('an equal item that we did not send is a conflict', () => {
    const refused = reply({ kind: 'condition-failed', item: topic });
    const { result } = play(putTopic, topic, [{ asks: ['put-topic'], replies: [refused] }]);
    expect(result).toEqual({ kind: 'conflict', standing: topic });
  });

  test('out of time it says whether a copy may yet land, however the last one ended', () => {
    const { result } = play(putTopic, topic, [
      { asks: ['put-topic'], replies: [reply(indeterminate)] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['put-topic'], replies: [reply(unavailable)], expired: true },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: true });
  });

  test('out of time with nothing but refusals, no copy can land', () => {
    const { result, asked } = play(putTopic, topic, [
      { asks: ['put-topic'], replies: [reply(unavailable)] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['put-topic'], replies: [reply({ kind: 'throttled' })], expired: true },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: false });
    expect(asked).toEqual([
      { kind: 'put-topic', topic },
      { kind: 'wait', ms: 50 },
      { kind: 'put-topic', topic },
    ]);
  });

  test.each<[string, Partial<Topic> | undefined]>([
    ['another topic', { id: topicId('B'.repeat(22)) }],
    ['another version', { version: 1 }],
    ['other partitions', { partitions: 3 }],
    ['other configs', { configs: { 'retention.ms': '5' } }],
    ['none', undefined],
  ])('after an unanswered put, %s that stands there is not ours', (_, change) => {
    const standing = change === undefined ? undefined : { ...topic, ...change };
    const { result } = play(putTopic, topic, [
      { asks: ['put-topic'], replies: [reply(indeterminate)] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['put-topic'], replies: [reply({ kind: 'condition-failed', item: standing })] },
    ]);
    expect(result).toEqual({ kind: 'conflict', standing });
  });
});

describe('mark a topic', () => {
  const input = { name: 't', dueMs: 5 };
  const gone = { id: topic.id, name: 't', partitions: 2, version: 0 };
  const got = (value: Topic | undefined): MarkReply => ({
    kind: 'get-topic',
    outcome: { kind: 'done', value },
  });

  test('in one step, with what is left to do', () => {
    const { result } = play(markTopic, input, [
      { asks: ['get-topic'], replies: [got(topic)] },
      { asks: ['mark-topic'], replies: [{ kind: 'mark-topic', outcome: nothing }] },
    ]);
    expect(result).toEqual({ kind: 'marked', gone });
  });

  test('a topic that changed meanwhile is read again: partitions may have been added', () => {
    const raised = { ...topic, partitions: 5, version: 1 };
    const { result } = play(markTopic, input, [
      { asks: ['get-topic'], replies: [got(topic)] },
      {
        asks: ['mark-topic'],
        replies: [{ kind: 'mark-topic', outcome: { kind: 'conditions-failed' } }],
      },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-topic'], replies: [got(raised)] },
      { asks: ['mark-topic'], replies: [{ kind: 'mark-topic', outcome: nothing }] },
    ]);
    expect(result).toEqual({ kind: 'marked', gone: { ...gone, partitions: 5 } });
  });

  test('an unanswered mark that landed is found by reading', () => {
    const { result } = play(markTopic, input, [
      { asks: ['get-topic'], replies: [got(topic)] },
      { asks: ['mark-topic'], replies: [{ kind: 'mark-topic', outcome: indeterminate }] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-topic'], replies: [got({ ...topic, deleting: true, version: 1 })] },
    ]);
    expect(result).toEqual({ kind: 'marked', gone });
  });

  test.each([
    ['another topic of its name', { ...topic, id: topicId('B'.repeat(22)) }],
    ['a free name', undefined],
  ])('an unanswered mark, then %s: it was done, and no other is marked', (_, found) => {
    const { result } = play(markTopic, input, [
      { asks: ['get-topic'], replies: [got(topic)] },
      { asks: ['mark-topic'], replies: [{ kind: 'mark-topic', outcome: indeterminate }] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-topic'], replies: [got(found)] },
    ]);
    expect(result).toEqual({ kind: 'marked', gone });
  });

  test('names the topic by its name, and what is due by its id', () => {
    const { asked } = play(markTopic, input, [
      { asks: ['get-topic'], replies: [got(topic)] },
      { asks: ['mark-topic'], replies: [{ kind: 'mark-topic', outcome: nothing }] },
    ]);
    const due = { dueMs: 5, what: `delete-topic#${topic.id}`, version: 0 };
    expect(asked).toEqual([
      { kind: 'get-topic', name: 't' },
      { kind: 'mark-topic', topic, gone, due },
    ]);
  });

  test('one that is marked already needs no other mark', () => {
    const marked = got({ ...topic, deleting: true });
    const { result } = play(markTopic, input, [{ asks: ['get-topic'], replies: [marked] }]);
    expect(result).toEqual({ kind: 'marked', gone });
  });

  test('a read that is refused is made again; out of time nothing was sent', () => {
    const unread: MarkReply = { kind: 'get-topic', outcome: unavailable };
    const again = play(markTopic, input, [
      { asks: ['get-topic'], replies: [unread] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-topic'], replies: [got(undefined)] },
    ]);
    expect(again.result).toEqual({ kind: 'not-found' });
    const late = play(markTopic, input, [
      { asks: ['get-topic'], replies: [unread], expired: true },
    ]);
    expect(late.result).toEqual({ kind: 'expired', sent: false });
    const refused: MarkReply = { kind: 'mark-topic', outcome: { kind: 'conflict' } };
    const raced = play(markTopic, input, [
      { asks: ['get-topic'], replies: [got(topic)] },
      { asks: ['mark-topic'], replies: [refused], expired: true },
    ]);
    expect(raced.result).toEqual({ kind: 'expired', sent: false });
  });

  test('not found', () => {
    const { result } = play(markTopic, input, [{ asks: ['get-topic'], replies: [got(undefined)] }]);
    expect(result).toEqual({ kind: 'not-found' });
  });

  test('out of time after an unanswered mark: it may have been marked', () => {
    const { result } = play(markTopic, input, [
      { asks: ['get-topic'], replies: [got(topic)] },
      { asks: ['mark-topic'], replies: [{ kind: 'mark-topic', outcome: indeterminate }] },
      { asks: ['wait'], replies: [waited] },
      {
        asks: ['get-topic'],
        replies: [got(topic)],
      },
      {
        asks: ['mark-topic'],
        replies: [{ kind: 'mark-topic', outcome: { kind: 'conflict' } }],
        expired: true,
      },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: true });
  });
});

describe('purge a partition', () => {
  const config = { ...formatOne, snapshotBytes: () => 0, commandBytes: () => 0 };
  const input = { log: { topicId: topic.id, partition: partition(0) }, config };
  const slot: Slot = { seq: 64, snapshot: genesis, commands: [], bytes: 0, limit: 0 };
  const found = (value: readonly (Slot | 'stub')[]): PurgeReply => ({
    kind: 'query-slots',
    outcome: { kind: 'done', value },
  });

  test('slots become stubs, then the rest goes', () => {
    const { result, asked } = play(purgePartition, input, [
      { asks: ['query-slots'], replies: [found([slot, 'stub'])] },
      { asks: ['put-stub'], replies: [{ kind: 'put-stub', outcome: nothing }] },
      { asks: ['query-slots'], replies: [found(['stub', 'stub'])] },
      { asks: ['delete-rest'], replies: [{ kind: 'delete-rest', outcome: nothing }] },
    ]);
    expect(asked).toContainEqual({ kind: 'put-stub', log: input.log, over: 64 });
    expect(result).toEqual({ kind: 'purged' });
  });

  test('nothing is deleted before a look has found stubs alone', () => {
    const { result } = play(purgePartition, input, [
      { asks: ['query-slots'], replies: [found([slot])] },
      { asks: ['put-stub'], replies: [{ kind: 'put-stub', outcome: indeterminate }] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['query-slots'], replies: [found([slot])] },
      {
        asks: ['put-stub'],
        replies: [{ kind: 'put-stub', outcome: indeterminate }],
        expired: true,
      },
    ]);
    expect(result).toEqual({ kind: 'expired' });
  });

  test('all positions are looked at, and every slot that is found is replaced', () => {
    const other: Slot = { ...slot, seq: 7 };
    const stubbed: PurgeReply = { kind: 'put-stub', outcome: nothing };
    const { asked } = play(purgePartition, input, [
      { asks: ['query-slots'], replies: [found([slot, 'stub', other])] },
      { asks: ['put-stub', 'put-stub'], replies: [stubbed, stubbed] },
      { asks: ['query-slots'], replies: [found([])] },
      { asks: ['delete-rest'], replies: [{ kind: 'delete-rest', outcome: nothing }] },
    ]);
    const { log } = input;
    const query = { kind: 'query-slots', log, from: 0, to: 63 };
    expect(asked).toEqual([
      query,
      { kind: 'put-stub', log, over: 64 },
      { kind: 'put-stub', log, over: 7 },
      query,
      { kind: 'delete-rest', log },
    ]);
  });

  test('any call that fails is a reason to look again, and to stop when time is up', () => {
    const failed: PurgeReply = { kind: 'delete-rest', outcome: unavailable };
    const { result } = play(purgePartition, input, [
      { asks: ['query-slots'], replies: [{ kind: 'query-slots', outcome: unavailable }] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['query-slots'], replies: [found([])] },
      { asks: ['delete-rest'], replies: [failed] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['query-slots'], replies: [found([])] },
      { asks: ['delete-rest'], replies: [failed], expired: true },
    ]);
    expect(result).toEqual({ kind: 'expired' });
  });

  test('one stub that was not put among several is enough to look again', () => {
    const stubbed: PurgeReply = { kind: 'put-stub', outcome: nothing };
    const unsure: PurgeReply = { kind: 'put-stub', outcome: indeterminate };
    const { result } = play(purgePartition, input, [
      { asks: ['query-slots'], replies: [found([slot, { ...slot, seq: 7 }])] },
      { asks: ['put-stub', 'put-stub'], replies: [stubbed, unsure] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['query-slots'], replies: [found([])] },
      {
        asks: ['delete-rest'],
        replies: [{ kind: 'delete-rest', outcome: nothing }],
        expired: true,
      },
    ]);
    expect(result).toEqual({ kind: 'purged' });
  });
});
