import { expect, test } from 'vitest';
import type { Fault, MemberEvent, MemberHistory } from './events.ts';
import { judge, takeOvers } from './judge.ts';
import type { Outcome } from './judge.ts';

const member = (
  name: string,
  events: readonly MemberEvent[],
  faults: readonly Fault[] = [],
): MemberHistory => ({ name, isAuto: false, events, faults });

const assigned = (t: number): MemberEvent => ({ t, e: 'assigned', of: [0] });
const gone = (t: number, e: 'revoked' | 'lost'): MemberEvent => ({ t, e, of: [0] });
const committed = (t: number, offset: number): MemberEvent => ({
  t,
  e: 'committed',
  of: [[0, offset]],
});
/** Records `from … to`, whose names are a hundred above their offsets. */
const seen = (t: number, from: number, to: number): MemberEvent => ({
  t,
  e: 'seen',
  p: 0,
  o: from,
  n: Array.from({ length: to - from + 1 }, (_, index) => 100 + from + index),
});
const ends = (end: number): Outcome => ({
  endOffsets: [end],
  committed: [end],
  records: end,
  outages: [],
});

/** Has 0 … 3, of which it committed two. */
const first = [assigned(1), seen(2, 0, 1), committed(3, 2), seen(4, 2, 3)];

test('a history in which every partition changes hands properly has nothing wrong', () => {
  const histories = [
    member('a', [...first, committed(5, 4), gone(6, 'revoked')], [{ kind: 'stopped', t: 5 }]),
    member('b', [assigned(8), seen(9, 4, 5), committed(10, 6)]),
  ];
  const { wrong, seen: count, repeated, tenures } = judge(histories, ends(6));
  expect({ wrong, count, repeated }).toEqual({ wrong: [], count: 6, repeated: 0 });
  expect(takeOvers(tenures, 'stopped')).toEqual([4]);
  expect(takeOvers(tenures, 'killed')).toEqual([]);
});

const rest = member('b', [assigned(8), seen(9, 2, 5), committed(10, 6)]);

test.each([
  ['killed', member('a', first, [{ kind: 'killed', t: 5 }])],
  ['frozen', member('a', [...first, gone(20, 'lost')], [{ kind: 'frozen', t: 5 }])],
  ['evicted', member('a', [...first, gone(20, 'lost')])],
  ['unanswered', member('a', [...first, { t: 5, e: 'refused', error: 'x' }, gone(6, 'revoked')])],
] as const)('what is handed out again is explained: %s', (reason, broken) => {
  const { wrong, because, repeated } = judge([broken, rest], ends(6));
  expect(wrong).toEqual([]);
  expect(repeated).toBe(2);
  expect(because[reason]).toBe(2);
});

test('the last commit of a client that commits by itself may meet no server, or be refused', () => {
  const auto = { ...member('a', [...first, gone(6, 'revoked')]), isAuto: true };
  const during = { ...ends(6), outages: [{ from: 5, to: 7 }] };
  const { wrong, because } = judge([auto, rest], during);
  expect(wrong).toEqual([]);
  expect(because.unanswered).toBe(2);
  const before = { ...ends(6), outages: [{ from: -3, to: 0 }] };
  expect(judge([auto, rest], before).wrong).toHaveLength(2);
});

test('so may the close of any', () => {
  const stopped = member('a', first, [{ kind: 'stopped', t: 5 }]);
  const during = { ...ends(6), outages: [{ from: 5, to: 7 }] };
  expect(judge([stopped, rest], during)).toMatchObject({ wrong: [], because: { unanswered: 2 } });
  expect(judge([stopped, rest], ends(6)).wrong).toHaveLength(2);
});

test('records that a frozen member still had in its hands are explained', () => {
  const thawed = member(
    'a',
    [...first, seen(12, 4, 4), gone(13, 'lost')],
    [{ kind: 'frozen', t: 5 }],
  );
  const { wrong, because } = judge([thawed, rest], ends(6));
  expect(wrong).toEqual([]);
  expect(because).toEqual({ killed: 0, frozen: 3, evicted: 0, unanswered: 0 });
});

test.each([
  ['after a clean end', [member('a', [...first, gone(6, 'revoked')]), rest], /0@2 at b and at a/],
  [
    'below a commit',
    [
      member('a', [...first, committed(5, 3)], [{ kind: 'killed', t: 5 }]),
      member('b', [assigned(8), seen(9, 2, 5), committed(10, 6)]),
    ],
    /0@2 at b and at a/,
  ],
  [
    'below a commit of somebody else',
    [
      member('c', [{ t: 0, e: 'committed', of: [[0, 5]] }]),
      member('a', first, [{ kind: 'killed', t: 5 }]),
      rest,
    ],
    /a began with 0@0, but 5 was committed before/,
  ],
  [
    'with a hole in the log',
    [member('a', [assigned(1), seen(2, 0, 1)], [{ kind: 'killed', t: 3 }]), memberFrom(3)],
    /0@2 was never seen/,
  ],
  [
    'with a hole in a tenure',
    [member('a', [assigned(1), seen(2, 0, 1), seen(3, 3, 5)])],
    /0@3 instead of 2/,
  ],
  ['without the partition', [member('a', [seen(2, 0, 5)])], /did not have/],
  ['twice the partition', [member('a', [assigned(1), assigned(2), seen(3, 0, 5)])], /while it had/],
  [
    'another record at the same place',
    [
      member('a', [assigned(1), seen(2, 0, 5)]),
      member('b', [assigned(1), { t: 2, e: 'seen', p: 0, o: 0, n: [7] }]),
    ],
    /0@0 is n=100 and n=7/,
  ],
  [
    'the same record at two places',
    [member('a', [assigned(1), seen(2, 0, 4), { t: 3, e: 'seen', p: 0, o: 5, n: [100] }])],
    /n=100 at 0@0 and 0@5/,
  ],
] as const)('%s it is wrong', (_name, histories, expected) => {
  const { wrong } = judge(histories, ends(6));
  expect(wrong.join('\n')).toMatch(expected);
});

test('what is not committed in the end, or was not sent, is wrong', () => {
  const all = [member('a', [assigned(1), seen(2, 0, 5)])];
  expect(judge(all, { ...ends(6), committed: [5] }).wrong).toEqual([
    '0 is committed up to 5, and ends at 6',
  ]);
  expect(judge(all, { ...ends(6), records: 7 }).wrong).toEqual([
    'the log has 6 records, 7 were acknowledged',
  ]);
});

function memberFrom(offset: number): MemberHistory {
  return member('b', [assigned(8), seen(9, offset, 5), committed(10, 6)]);
}
