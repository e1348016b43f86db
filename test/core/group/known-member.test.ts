import { expect, test } from 'vitest';
import { commitOffsets } from '../../../lib/core/group/commit.ts';
import type { CommitInput } from '../../../lib/core/group/commit.ts';
import { memberKey } from '../../../lib/core/group/group.ts';
import type { Member } from '../../../lib/core/group/group.ts';
import type { GroupReply } from '../../../lib/core/group/requests.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { play } from '../script.ts';
import { at, committed, entry, member } from './build.ts';

/* A commit on an item that this process remembers: it saves the read, and is never believed. */

const now = member('x', { entries: [entry({ a: 3 })], version: 9 });
const inputOn = (known: Member): CommitInput => ({
  group: 'g',
  memberId: 'x',
  instanceId: undefined,
  epoch: 3,
  commits: [{ ...at(0), committed: committed(10), n: 6 }],
  member: known,
  nowMs: 0,
});
const put: GroupReply = { kind: 'put-member', outcome: done(undefined) };
const accepted = { kind: 'judged', verdicts: ['accepted'] } as const;

test('the item as it is takes the commit without a read', () => {
  const { result } = play(commitOffsets, inputOn(now), [{ asks: ['put-member'], replies: [put] }]);
  expect(result).toMatchObject(accepted);
});

test.each<[string, Member]>([
  ['before the partition was delivered', member('x', { version: 5 })],
  ['when the partition was given up', member('x', { entries: [entry({ released: true })] })],
  ['with a later commit of an earlier grant', member('x', { entries: [entry({ n: 8 })] })],
  ['of another process of the same name', member('y', { entries: [entry()] })],
  ['evicted', member('x', { gone: true, entries: [entry()] })],
])('nothing is refused on the word of an item %s', (_, known) => {
  const { result } = play(commitOffsets, inputOn(known), [
    { asks: ['find-member'], replies: [{ kind: 'find-member', outcome: done(now) }] },
    { asks: ['put-member'], replies: [put] },
  ]);
  expect(result).toMatchObject(accepted);
});

test('an item that was evicted since stands beside a newer one of the same name', () => {
  const before = member('x', { entries: [entry()], version: 5 });
  const gone = { ...before, gone: true, version: 6 };
  const rejoined = { ...now, key: memberKey('m:x', 3) };
  const { result } = play(commitOffsets, inputOn(before), [
    {
      asks: ['put-member'],
      replies: [{ kind: 'put-member', outcome: { kind: 'condition-failed', item: gone } }],
    },
    { asks: ['wait'], replies: [{ kind: 'wait', outcome: done(undefined) }] },
    { asks: ['find-member'], replies: [{ kind: 'find-member', outcome: done(rejoined) }] },
    { asks: ['put-member'], replies: [put] },
  ]);
  expect(result).toMatchObject(accepted);
});
