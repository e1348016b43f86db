import { expect, test } from 'vitest';
import type { KeyedRequest } from '../../../lib/core/keyed/keyed.ts';
import { recordKey, reserveKey } from '../../../lib/core/keyed/reserve-key.ts';
import type { KeyReply } from '../../../lib/core/keyed/reserve-key.ts';
import { play } from '../script.ts';

const keyed: KeyedRequest = {
  scope: 'topic',
  key: 'k',
  bodyHash: 'aa',
  partitionCount: 1,
  sticky: -1,
  atMs: 0,
  parts: [],
  offsets: undefined,
  version: 0,
};
const put = (outcome: Extract<KeyReply, { kind: 'put-key' }>['outcome']): KeyReply => ({
  kind: 'put-key',
  outcome,
});
const done = put({ kind: 'done', value: undefined });
const lost = put({ kind: 'indeterminate', cause: 'test' });
const busy = put({ kind: 'throttled' });
const waited: KeyReply = { kind: 'wait', outcome: { kind: 'done' } };
const standing = (item: KeyedRequest): KeyReply => put({ kind: 'condition-failed', item });

test('a new key is reserved', () => {
  const { result } = play(reserveKey, keyed, [{ asks: ['put-key'], replies: [done] }]);
  expect(result).toEqual({ kind: 'reserved', keyed });
});

test('whoever finds an item uses what is in it', () => {
  const other = { ...keyed, sticky: 3 };
  const { result } = play(reserveKey, keyed, [{ asks: ['put-key'], replies: [standing(other)] }]);
  expect(result).toEqual({ kind: 'reserved', keyed: other });
});

test('another body is refused', () => {
  const other = { ...keyed, bodyHash: 'bb' };
  const { result } = play(reserveKey, keyed, [{ asks: ['put-key'], replies: [standing(other)] }]);
  expect(result).toEqual({ kind: 'body-differs' });
});

test('an unanswered put is sent again, and finds itself if it landed', () => {
  const { result } = play(reserveKey, keyed, [
    { asks: ['put-key'], replies: [lost] },
    { asks: ['wait'], replies: [waited] },
    { asks: ['put-key'], replies: [standing(keyed)] },
  ]);
  expect(result).toEqual({ kind: 'reserved', keyed });
});

test('out of time nothing was sent, whatever became of the key', () => {
  const { result } = play(reserveKey, keyed, [
    { asks: ['put-key'], replies: [busy] },
    { asks: ['wait'], replies: [waited] },
    { asks: ['put-key'], replies: [lost], expired: true },
  ]);
  expect(result).toEqual({ kind: 'expired' });
});

test('recording ends with the first answer that is not a passing one', () => {
  const recorded = { ...keyed, offsets: [], version: 1 };
  expect(
    play(recordKey, recorded, [
      { asks: ['put-key'], replies: [busy] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['put-key'], replies: [done] },
    ]).result,
  ).toBe('ended');
  expect(play(recordKey, recorded, [{ asks: ['put-key'], replies: [lost] }]).result).toBe('ended');
});

test('what is put is the key as it is, each time', () => {
  const { asked } = play(reserveKey, keyed, [
    { asks: ['put-key'], replies: [busy] },
    { asks: ['wait'], replies: [waited] },
    { asks: ['put-key'], replies: [done] },
  ]);
  const request = { kind: 'put-key', keyed };
  expect(asked).toEqual([request, { kind: 'wait', ms: 50 }, request]);
});

test('a recording that is refused is given up when time is up, or when another was in the way', () => {
  const recorded = { ...keyed, offsets: [], version: 1 };
  const late = play(recordKey, recorded, [{ asks: ['put-key'], replies: [busy], expired: true }]);
  expect(late.result).toBe('ended');
  const raced = play(recordKey, recorded, [{ asks: ['put-key'], replies: [standing(keyed)] }]);
  expect(raced).toEqual({ result: 'ended', asked: [{ kind: 'put-key', keyed: recorded }] });
});
