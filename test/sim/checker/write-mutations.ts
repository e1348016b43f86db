import type { Row } from './mutate.ts';
import { attempts, changed, isAcked, isLast, placesOf, endBy, renamed } from './mutate.ts';

export const writeMutations: readonly Row[] = [
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
