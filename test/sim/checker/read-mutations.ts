import type { Poll } from './history.ts';
import type { Row } from './mutate.ts';
import { changed, endBy, isAcked, isLast, placesOf } from './mutate.ts';

const isRead = ({ outcome, records }: Poll): boolean => outcome === 'ok' && records.length > 0;

export const readMutations: readonly Row[] = [
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
];
