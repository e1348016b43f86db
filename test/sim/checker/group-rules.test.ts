import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { emptyGroups, nobody } from './group-history.ts';
import type { GroupEvent, GroupHistory, OffsetAttempt } from './group-history.ts';
import { emptyHistory } from './history.ts';
import type { History } from './history.ts';

type Said = GroupEvent extends infer Event
  ? Event extends GroupEvent
    ? Omit<Event, 'moment' | 'group'>
    : never
  : never;

const log = 'T/0';
const of = (a: number, offset?: number) => ({
  log,
  a,
  offset: offset === undefined ? undefined : BigInt(offset),
});
const joined = (item: string, member = item): Said => ({ kind: 'joined', item, member });
const gone = (item: string): Said => ({ kind: 'gone', item });
const granted = (a: number, owner: string | undefined, offset?: number): Said => ({
  kind: 'granted',
  owner,
  ...of(a, offset),
});
const delivered = (a: number, item: string, offset?: number): Said => ({
  kind: 'delivered',
  item,
  ...of(a, offset),
});
const released = (a: number, item: string, offset?: number): Said => ({
  kind: 'released',
  item,
  ...of(a, offset),
});
const committed = (a: number, item: string, n: number, offset: number): Said => ({
  kind: 'committed',
  item,
  member: item,
  n,
  ...of(a, offset),
});
const set = (a: number, offset?: number): Said => ({ kind: 'set', ...of(a, offset) });
const expired = (a: number): Said => ({ kind: 'expired', ...of(a) });

/** One event after the other, at 10, 20, 30, … */
const events = (...said: readonly Said[]): readonly GroupEvent[] =>
  said.map((event, i): GroupEvent => ({ ...event, group: 'g', moment: 10 * (i + 1) }));

/** A commit of this offset under this number, told as accepted. */
const commit = (
  by: string,
  [invoked, completed]: readonly [number, number],
  n: number,
  offset: number,
  more: Partial<OffsetAttempt> = {},
): OffsetAttempt => ({
  group: 'g',
  log,
  by,
  grant: 1,
  n,
  offset: BigInt(offset),
  invoked,
  completed,
  outcome: 'ok',
  ...more,
});

const told = (groups: Partial<GroupHistory>, journal = true): History => ({
  ...emptyHistory(),
  journal,
  groups: { ...emptyGroups(), ...groups },
});

const rulesOf = (groups: Partial<GroupHistory>, journal = true): readonly string[] => [
  ...new Set(check(told(groups, journal)).map(({ rule }) => rule)),
];

const silent = (title: string, groups: Partial<GroupHistory>, journal = true): void =>
  test(`silent: ${title}`, () => {
    expect(check(told(groups, journal))).toEqual([]);
  });

/** x owns the partition from the start. */
const owned = [joined('x'), granted(1, 'x'), delivered(1, 'x')];
const asked = [commit(nobody, [1, 999], 0, 4, { n: undefined, grant: -1 })];

describe('who owns a partition', () => {
  const rules = (...said: readonly Said[]) =>
    rulesOf({ events: [...events(...said)], commits: [commit('x', [1, 999], 1, 4), ...asked] });

  test.each([
    ['granted while another has it', [granted(2, 'y')], 'two owners'],
    ['granted in no later epoch', [released(1, 'x'), granted(1, 'y')], 'two owners'],
    ['delivered to who was not granted it', [joined('y'), delivered(1, 'y')], 'two owners'],
    ['delivered to who is gone', [gone('x'), delivered(1, 'x')], 'stale commit'],
    [
      'committed after it was given up',
      [released(1, 'x'), committed(1, 'x', 1, 4)],
      'stale commit',
    ],
    ['committed by who is gone', [gone('x'), committed(1, 'x', 1, 4)], 'stale commit'],
    [
      'committed although it was granted to another',
      [released(1, 'x'), granted(2, 'y'), committed(1, 'x', 1, 4)],
      'stale commit',
    ],
    [
      'committed under a number that was used',
      [committed(1, 'x', 1, 4), committed(1, 'x', 1, 4)],
      'stale commit',
    ],
    [
      'granted with another offset',
      [committed(1, 'x', 1, 4), released(1, 'x', 4), granted(2, 'y', 3)],
      'moved offset',
    ],
    [
      'delivered with another offset',
      [released(1, 'x'), granted(2, 'y'), delivered(2, 'y', 3)],
      'moved offset',
    ],
    ['set by nobody while it is owned', [set(2, 4)], 'two owners'],
    ['set by nobody, and not asked for', [gone('x'), set(2, 5)], 'unasked change'],
    ['expired while it is owned', [expired(1)], 'two owners'],
  ] as const)('%s', (_title, said, rule) => {
    expect(rules(...owned, ...said)).toContain(rule);
  });

  test('a member takes its offset back', () => {
    const commits = [commit('x', [1, 999], 1, 4), commit('x', [1, 999], 2, 3)];
    const back = events(...owned, committed(1, 'x', 1, 4), committed(1, 'x', 2, 3));
    expect(rulesOf({ events: [...back], commits })).toEqual(['committed offset goes back']);
  });

  silent('it goes from one to the other and back, is given up, set, and expires', {
    events: [
      ...events(
        ...owned,
        committed(1, 'x', 1, 4),
        released(1, 'x', 4),
        granted(2, 'y', 4),
        gone('y'),
        granted(3, 'x', 4),
        delivered(3, 'x', 4),
        gone('x'),
        set(4, 4),
        expired(4),
      ),
    ],
    commits: [commit('x', [1, 999], 1, 4), ...asked],
  });
});

describe('what is told of commits', () => {
  const counted = events(...owned, committed(1, 'x', 1, 4));
  const rules = (...commits: readonly OffsetAttempt[]) =>
    rulesOf({ events: [...counted], commits: [...commits] });

  test('refused, and it counts', () => {
    expect(rules(commit('x', [1, 99], 1, 4, { outcome: 'failed' }))).toEqual(['failed commit']);
  });
  test('accepted, and it does not count', () => {
    expect(rules(commit('x', [1, 99], 1, 4), commit('x', [41, 99], 2, 5))).toEqual(['lost commit']);
  });
  test('accepted, and it counts later', () => {
    expect(rules(commit('x', [1, 39], 1, 4))).toEqual(['lost commit']);
  });
  test('it counts, and nobody had sent it by then', () => {
    expect(rules(commit('x', [41, Infinity], 1, 4, { outcome: 'unknown' }))).toEqual([
      'phantom commit',
    ]);
  });
  silent('nobody knows, and it counts; the same again is refused', {
    events: [...counted],
    commits: [
      commit('x', [1, Infinity], 1, 4, { outcome: 'unknown' }),
      commit('x', [50, 60], 1, 4, { outcome: 'failed' }),
    ],
  });
  silent('overtaken by a later one of the same member', {
    events: [...counted],
    commits: [commit('x', [1, 99], 1, 4), commit('x', [2, 99], 0, 3)],
  });

  const ask = (invoked: number, completed: number, offset?: bigint) =>
    rulesOf({
      events: [...counted],
      commits: [commit('x', [1, 99], 1, 4)],
      told: [{ group: 'g', client: 'c', log, offset, invoked, completed }],
    });

  test('an offset is told that is not committed any more, or never was', () => {
    expect(ask(50, 60)).toContain('wrong committed offset');
    expect(ask(50, 60, 3n)).toContain('wrong committed offset');
    expect(ask(20, 30, 4n)).toContain('wrong committed offset');
    expect(ask(30, 50, 4n)).toEqual([]);
    expect(ask(30, 50)).toEqual([]);
  });
});

describe('from outside', () => {
  const outside = (...commits: readonly OffsetAttempt[]) =>
    rulesOf({ commits: [...commits] }, false);

  test('two members commit under one grant', () => {
    expect(outside(commit('x', [1, 2], 1, 4), commit('y', [3, 4], 1, 5))).toEqual(['two owners']);
  });
  test('a static member is one', () => {
    const instance = { instance: 'i' };
    expect(
      outside(commit('x', [1, 2], 1, 4, instance), commit('y', [3, 4], 1, 5, instance)),
    ).toEqual([]);
  });
  test('an older grant commits after a newer one', () => {
    const newer = commit('y', [1, 2], 1, 4, { grant: 2 });
    expect(outside(newer, commit('x', [3, 4], 1, 5))).toEqual(['stale commit']);
    expect(outside(newer, commit('x', [1, 4], 1, 5))).toEqual([]);
  });
  test('an older grant is answered again, although nobody heard of it then', () => {
    const lost = commit('x', [0, Infinity], 1, 5, { outcome: 'unknown' });
    const newer = commit('y', [1, 2], 1, 6, { grant: 2 });
    expect(outside(lost, newer, commit('x', [3, 4], 1, 5))).toEqual([]);
  });
  test('less is told than was acknowledged', () => {
    const groups = {
      commits: [commit('x', [1, 2], 1, 4)],
      told: [{ group: 'g', client: 'c', log, offset: 3n, invoked: 3, completed: 4 }],
    };
    expect(rulesOf(groups, false)).toEqual(['stale committed offset']);
    expect(rulesOf({ ...groups, commits: [...groups.commits, ...asked] }, false)).toEqual([]);
  });
});

describe('what members work on', () => {
  const work = (offset: number, moment: number, member = 'x') => ({
    group: 'g',
    member,
    log,
    offset: BigInt(offset),
    moment,
  });
  const two = events(...owned, committed(1, 'x', 1, 2));
  const commits = [commit('x', [1, 999], 1, 2)];
  const after = (...works: readonly ReturnType<typeof work>[]) =>
    rulesOf({ manners: new Map([['g', 'after']]), events: [...two], commits, works: [...works] });
  const before = (said: readonly GroupEvent[], ...works: readonly ReturnType<typeof work>[]) =>
    rulesOf({
      manners: new Map([['g', 'before']]),
      events: [...said],
      commits: [...commits, ...asked],
      works: [...works],
    });

  test('a record is left out, or worked on too late', () => {
    expect(after(work(0, 31), work(1, 32))).toEqual([]);
    expect(after(work(0, 31))).toEqual(['skipped record']);
    expect(after(work(0, 31), work(1, 41))).toEqual(['skipped record']);
  });

  test('a record is worked on twice, by who commits first', () => {
    expect(before(two, work(0, 41), work(1, 42))).toEqual([]);
    expect(before(two, work(0, 41), work(0, 42))).toEqual(['worked on twice']);
    const back = [...events(...owned, committed(1, 'x', 1, 2), gone('x'), set(2, 4), expired(2))];
    expect(before(back, work(0, 41), work(0, 71))).toEqual([]);
  });

  const end = {
    group: 'g',
    status: 'stable',
    listed: true,
    members: [{ member: 'x', topics: ['t'] }],
    partitions: [{ topic: 't', log, owners: ['x'], end: 2n }],
  };
  const ends = (more: Partial<typeof end>, ...works: readonly ReturnType<typeof work>[]) =>
    rulesOf({ manners: new Map([['g', 'after']]), works: [...works], ends: [{ ...end, ...more }] });

  test('in the end all is owned and worked on', () => {
    const all = [work(0, 1), work(1, 2)] as const;
    const [place] = end.partitions;
    const by = (owners: readonly string[]) =>
      ({ partitions: [{ ...place, owners }] }) as typeof end;
    expect(ends({}, ...all)).toEqual([]);
    expect(ends({}, work(0, 1))).toEqual(['unprocessed record']);
    expect(ends({ status: 'reconciling' }, ...all)).toEqual(['unsettled group']);
    expect(ends({ listed: false }, ...all)).toEqual(['unsettled group']);
    expect(ends(by([]), ...all)).toEqual(['unsettled group']);
    expect(ends(by(['x', 'y']), ...all)).toEqual(['unsettled group']);
    expect(ends(by(['y']), ...all)).toEqual(['unsettled group']);
    expect(ends({ ...by([]), members: [] })).toEqual([]);
  });
});

test('writes under a lease', () => {
  const write = (owner: string, epoch: number, from: number, to: number) => ({
    resource: 'r',
    owner,
    epoch,
    from,
    to,
    moment: 1,
  });
  const first = write('x', 1, 0, 1);
  const rules = (next: ReturnType<typeof write>) => rulesOf({ guarded: [first, next] });
  expect(rules(write('x', 1, 1, 2))).toEqual([]);
  expect(rules(write('y', 2, 1, 1))).toEqual([]);
  expect(rules(write('y', 0, 1, 2))).toEqual(['fenced write']);
  expect(rules(write('y', 1, 1, 2))).toEqual(['two holders']);
  expect(rules(write('y', 2, 0, 0))).toEqual(['lost update']);
});
