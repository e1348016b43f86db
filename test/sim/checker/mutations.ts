import type { Seeded } from '../../engine/seeded.ts';
import type { Commit, History, Poll, Send } from './history.ts';

/** Makes one thing wrong in a valid history. Undefined: it has no place for that. */
export type Mutation = (history: History, random: Seeded) => History | undefined;

/** One of those that fit, replaced by what is made of it; by nothing, if that is undefined. */
function change<T>(
  list: readonly T[],
  random: Seeded,
  fits: (each: T) => boolean,
  make: (each: T) => T | undefined,
): T[] | undefined {
  const candidates = list.filter(fits);
  if (candidates.length === 0) return undefined;
  const chosen = random.pick(candidates);
  return list.flatMap((each) => {
    const made = each === chosen ? make(each) : each;
    return made === undefined ? [] : [made];
  });
}

/** Of an operation of this kind only. */
const changed =
  <K extends 'sends' | 'polls' | 'listings' | 'finals' | 'commits' | 'closings'>(
    kind: K,
    fits: (each: History[K][number], history: History) => boolean,
    make: (each: History[K][number], history: History) => History[K][number] | undefined,
  ): Mutation =>
  (history, random) => {
    const list: readonly History[K][number][] = history[kind];
    const made = change(
      list,
      random,
      (each) => fits(each, history),
      (each) => make(each, history),
    );
    return made === undefined ? undefined : { ...history, [kind]: made };
  };

const attempts = ({ sends }: History, value: string): readonly Send[] =>
  sends.filter((send) => send.value === value);

const isAcked = (history: History, value: string): boolean =>
  attempts(history, value).some(({ outcome }) => outcome === 'ok');

const endBy = ({ commits }: History, log: string | undefined, moment: number): bigint =>
  BigInt(commits.filter((commit) => commit.log === log && commit.moment < moment).length);

const placesOf = ({ commits }: History, value: string): readonly Commit[] =>
  commits.filter((commit) => commit.value === value);

const isRead = ({ outcome, records }: Poll): boolean => outcome === 'ok' && records.length > 0;

/** The last of a log that was acknowledged: nothing behind it shows that it is missing. */
const isLast = (history: History, { log, offset, value }: Commit): boolean =>
  isAcked(history, value) && endBy(history, log, Infinity) === offset + 1n;

/** What is done, and the rules of which one at least must find it. */
export const mutations: readonly (readonly [string, readonly string[], Mutation])[] = [
  [
    'a commit is dropped at the end of a log',
    ['lost write'],
    changed(
      'commits',
      (each, history) => isLast(history, each) && placesOf(history, each.value).length === 1,
      () => undefined,
    ),
  ],
  [
    'a commit is dropped before others',
    ['gap'],
    changed(
      'commits',
      (each, history) => each.offset + 1n < endBy(history, each.log, Infinity),
      () => undefined,
    ),
  ],
  [
    'a commit is done once more',
    ['duplicate'],
    ({ commits, ...rest }, random) => {
      if (commits.length === 0) return undefined;
      const twice = random.pick(commits);
      const offset = BigInt(commits.filter(({ log }) => log === twice.log).length);
      const last = commits.at(-1)?.moment ?? 0;
      return { ...rest, commits: [...commits, { ...twice, offset, moment: last + 0.5 }] };
    },
  ],
  [
    'a commit comes after the acknowledgement',
    ['lost write'],
    changed(
      'commits',
      ({ value }, history) => isAcked(history, value) && placesOf(history, value).length === 1,
      (each) => ({ ...each, moment: 1e9 }),
    ),
  ],
  [
    'a commit comes before the sending',
    ['phantom record'],
    changed(
      'commits',
      () => true,
      (each) => ({ ...each, moment: 0 }),
    ),
  ],
  [
    'two acknowledged records change places',
    ['inconsistent offset', 'lost write'],
    (history, random) => {
      const acked = history.commits.filter(
        ({ value }) => isAcked(history, value) && placesOf(history, value).length === 1,
      );
      const [a, b] = [random.pick(acked), random.pick(acked)];
      if (a === undefined || b === undefined || a === b) return undefined;
      const other = new Map([
        [a, { ...a, value: b.value }],
        [b, { ...b, value: a.value }],
      ]);
      return { ...history, commits: history.commits.map((each) => other.get(each) ?? each) };
    },
  ],
  [
    'an acknowledgement tells another offset',
    ['inconsistent offset'],
    changed(
      'sends',
      ({ outcome }) => outcome === 'ok',
      (each) => ({ ...each, offset: each.offset + 1n }),
    ),
  ],
  [
    'what failed, and is nowhere, is acknowledged',
    ['lost write'],
    changed(
      'sends',
      ({ outcome, value }, history) =>
        outcome === 'failed' && placesOf(history, value).length === 0,
      (each) => ({ ...each, outcome: 'ok', partition: 0, offset: 0n }),
    ),
  ],
  [
    'the only attempt, which was acknowledged, is said to have failed',
    ['failed write in the log'],
    changed(
      'sends',
      ({ outcome, value }, history) => outcome === 'ok' && attempts(history, value).length === 1,
      (each) => ({ ...each, outcome: 'failed', partition: -1, offset: -1n }),
    ),
  ],
  [
    'the only attempt of what was read is said to have failed',
    ['aborted read'],
    changed(
      'sends',
      ({ value }, history) =>
        attempts(history, value).length === 1 &&
        history.polls.some(({ records }) => records.some((record) => record.value === value)),
      (each) => ({ ...each, outcome: 'failed', partition: -1, offset: -1n }),
    ),
  ],
  [
    'nobody sent it',
    ['phantom record'],
    changed(
      'sends',
      ({ value }, history) =>
        attempts(history, value).length === 1 && placesOf(history, value).length > 0,
      () => undefined,
    ),
  ],
  [
    'it was sent to another topic',
    ['misplaced record'],
    (history, random) => {
      const several = history.commits.filter(({ offset }) => offset > 0n);
      if (several.length === 0) return undefined;
      const { value } = random.pick(several);
      const sends = history.sends.map((send) =>
        send.value === value ? { ...send, topic: 'x' } : send,
      );
      return { ...history, sends };
    },
  ],
  [
    'two records of one request change places, and so they are told',
    ['overtaking send'],
    (history, random) => {
      const pairs = history.commits.flatMap((a, i) => {
        const b = history.commits[i + 1];
        if (b === undefined || a.log !== b.log) return [];
        const [[first, ...more], [second]] = [
          attempts(history, a.value),
          attempts(history, b.value),
        ];
        const together =
          first !== undefined && more.length === 0 && first.request === second?.request;
        return together ? [[a, b] as const] : [];
      });
      if (pairs.length === 0) return undefined;
      const [a, b] = random.pick(pairs);
      return renamed(history, a.value, b.value);
    },
  ],
  [
    'a poll shows another value',
    ['divergent read'],
    changed(
      'polls',
      (each) => isRead(each),
      (each) => ({
        ...each,
        records: each.records.map((record, i) => (i === 0 ? { ...record, value: 'x' } : record)),
      }),
    ),
  ],
  [
    'a poll shows another timestamp',
    ['divergent read'],
    changed(
      'polls',
      (each) => isRead(each),
      (each) => ({
        ...each,
        records: each.records.map((record, i) =>
          i === 0 ? { ...record, timestamp: -7n } : record,
        ),
      }),
    ),
  ],
  [
    'a poll leaves a record out',
    ['skipping poll'],
    changed(
      'polls',
      ({ records }) => records.length > 1,
      (each) => ({
        ...each,
        records: each.records.filter((_, i) => i !== each.records.length - 2),
      }),
    ),
  ],
  [
    'a poll shows a record twice',
    ['non-monotonic poll'],
    changed(
      'polls',
      (each) => isRead(each),
      (each) => ({
        ...each,
        records: each.records.flatMap((record, i) => (i === 0 ? [record, record] : [record])),
      }),
    ),
  ],
  [
    'a client that goes on leaves out a record',
    ['skipping poll'],
    changed(
      'polls',
      (each) => isRead(each) && !each.seek,
      (each) => ({ ...each, offset: each.offset + 1n, records: each.records.slice(1) }),
    ),
  ],
  [
    'a poll is empty that was not',
    ['empty poll'],
    changed(
      'polls',
      (each) => isRead(each),
      (each) => ({ ...each, records: [] }),
    ),
  ],
  [
    'a poll ends below its records',
    ['read beyond the end'],
    changed(
      'polls',
      (each) => isRead(each),
      (each) => ({ ...each, highWatermark: each.offset }),
    ),
  ],
  [
    'a poll ends below what was there before',
    ['stale read'],
    changed(
      'polls',
      ({ log, outcome, invoked }, history) => outcome === 'ok' && endBy(history, log, invoked) > 0n,
      (each, history) => ({ ...each, highWatermark: endBy(history, each.log, each.invoked) - 1n }),
    ),
  ],
  [
    'a poll ends beyond what was there',
    ['uncommitted read'],
    changed(
      'polls',
      ({ outcome }) => outcome === 'ok',
      (each, history) => ({
        ...each,
        highWatermark: endBy(history, each.log, each.completed) + 1n,
      }),
    ),
  ],
  [
    'a poll is over before its records were committed',
    ['uncommitted read'],
    changed(
      'polls',
      (each) => isRead(each),
      (each, history) => {
        const [place] = history.commits.filter(
          ({ log, offset }) => log === each.log && offset === each.records.at(-1)?.offset,
        );
        const moment = place?.moment ?? 0;
        return { ...each, invoked: moment - 0.2, completed: moment - 0.1 };
      },
    ),
  ],
  [
    'out of range is told of what is in range',
    ['spurious out of range'],
    changed(
      'polls',
      ({ log, outcome, offset, invoked }, history) =>
        outcome === 'ok' && offset <= endBy(history, log, invoked),
      (each) => ({ ...each, outcome: 'out-of-range', records: [], highWatermark: -1n }),
    ),
  ],
  [
    'a listing tells another offset',
    ['wrong listing'],
    changed(
      'listings',
      () => true,
      (each) => ({ ...each, offset: each.offset + 1_000n }),
    ),
  ],
  [
    'a listing of the end is late',
    ['stale read'],
    changed(
      'listings',
      ({ at, log, invoked }, history) => at === 'latest' && endBy(history, log, invoked) > 0n,
      (each) => ({ ...each, offset: 0n }),
    ),
  ],
  [
    'a listing tells another timestamp',
    ['wrong listing'],
    changed(
      'listings',
      () => true,
      (each) => ({ ...each, timestamp: each.timestamp + 1n }),
    ),
  ],
  [
    'the end of a log, acknowledged, is not seen at the end',
    ['unseen'],
    changed(
      'finals',
      ({ log, records }, history) =>
        history.commits.some(
          (commit) =>
            commit.log === log &&
            commit.offset === BigInt(records.length - 1) &&
            isLast(history, commit) &&
            placesOf(history, commit.value).length === 1,
        ),
      (each) => ({ ...each, records: each.records.slice(0, -1), end: each.end - 1n }),
    ),
  ],
  [
    'a reader leaves out a record at the end',
    ['gap'],
    changed(
      'finals',
      ({ records }) => records.length > 1,
      (each) => ({ ...each, records: each.records.filter((_, i) => i !== 0) }),
    ),
  ],
  [
    'a log is gone at the end',
    ['unseen'],
    (history, random) => {
      const { log } = random.pick(history.finals);
      const acked = history.commits.some(
        (commit) =>
          commit.log === log &&
          isAcked(history, commit.value) &&
          placesOf(history, commit.value).length === 1,
      );
      const finals = history.finals.filter((final) => final.log !== log);
      return acked && finals.length > 0 ? { ...history, finals } : undefined;
    },
  ],
  [
    'a topic is deleted that nobody wanted deleted',
    ['unseen'],
    (history) => {
      const told = history.commits.filter(
        ({ value }) => isAcked(history, value) && placesOf(history, value).length === 1,
      );
      const gone = history.closings.some(({ topicId }) =>
        told.some(({ log }) => log.startsWith(`${topicId}/`)),
      );
      return gone ? { ...history, deletions: [] } : undefined;
    },
  ],
  [
    'a commit comes after its topic was deleted',
    ['append after deletion'],
    (history, random) => {
      const gone = history.closings.filter(({ topic }, i) =>
        history.closings.some((next, j) => j > i && next.topic === topic),
      );
      const dead = history.commits.filter(({ log }) =>
        gone.some(({ topicId }) => log.startsWith(`${topicId}/`)),
      );
      if (dead.length === 0) return undefined;
      const late = random.pick(dead);
      return {
        ...history,
        commits: history.commits.map((each) => (each === late ? { ...each, moment: 1e9 } : each)),
      };
    },
  ],
];

/** Wherever one value was told, the other is, as if the log had always been so. */
export function renamed(history: History, a: string, b: string): History {
  const other = (value: string): string => (value === a ? b : value === b ? a : value);
  const swap = <T extends { readonly value: string }>(list: readonly T[]): T[] =>
    list.map((each) => ({ ...each, value: other(each.value) }));
  const inside = <T extends { readonly records: History['polls'][number]['records'] }>(
    list: readonly T[],
  ): T[] => list.map((each) => ({ ...each, records: swap(each.records) }));
  const [sentA, sentB] = [attempts(history, a), attempts(history, b)];
  const place = (send: Send): Send => {
    const at = send.value === a ? sentB[0] : send.value === b ? sentA[0] : undefined;
    return at === undefined ? send : { ...send, partition: at.partition, offset: at.offset };
  };
  return {
    ...history,
    sends: history.sends.map((send) => place(send)),
    commits: swap(history.commits),
    polls: inside(history.polls),
    finals: inside(history.finals),
  };
}
