import { endBefore, endMax } from './facts.ts';
import type { Rule } from './facts.ts';
import { grouped } from './history.ts';
import type { Anomaly, Read } from './history.ts';

/** An offset holds one value and one timestamp for ever, whoever reads it, and whenever. */
export const divergentReads: Rule = ({ history, logs }) => {
  const found: Anomaly[] = [];
  const see = (name: string, records: readonly Read[], who: string): void => {
    const log = logs.get(name);
    for (const { offset, value, timestamp } of records) {
      const place = log?.places.get(Number(offset));
      if (place === undefined || (place.value === value && place.timestamp === timestamp)) continue;
      const detail = `${name}@${offset} is ${place.value} (${place.timestamp}), for ${who} ${value} (${timestamp})`;
      found.push({ rule: 'divergent read', detail });
    }
  };
  for (const { log, records, client } of history.polls) {
    if (log !== undefined) see(log, records, client);
  }
  for (const { log, records, reader } of history.finals) see(log, records, reader);
  return found;
};

/** Offsets are dense: in the log, and in what is read of the whole of it, up to its end. */
export const gaps: Rule = ({ history }) => {
  const found: Anomaly[] = [];
  const dense = (records: readonly Read[], what: () => string): bigint => {
    let next = 0n;
    for (const { offset } of records) {
      if (offset !== next) found.push({ rule: 'gap', detail: `${what()}: ${offset} for ${next}` });
      next = offset + 1n;
    }
    return next;
  };
  for (const [log, commits] of grouped(history.commits, (commit) => commit.log)) {
    dense(commits, () => `commits to ${log}`);
  }
  for (const { log, records, end, reader } of history.finals) {
    const what = (): string => `${reader} of ${log}`;
    const next = dense(records, what);
    if (next !== end) found.push({ rule: 'gap', detail: `${what()}: ${next} of ${end}` });
  }
  return found;
};

/**
 * Within a poll offsets begin where asked and rise by one, nothing lies beyond the watermark, and
 * at least one record is given if there is one.
 */
export const withinPolls: Rule = ({ history }) => {
  const found: Anomaly[] = [];
  for (const poll of history.polls) {
    if (poll.outcome !== 'ok') continue;
    const { client, topic, partition, offset, records, highWatermark } = poll;
    const add = (rule: string, what: string): void => {
      found.push({ rule, detail: `${client} of ${topic}/${partition} from ${offset}: ${what}` });
    };
    let next = offset;
    for (const record of records) {
      if (record.offset < next) add('non-monotonic poll', `${record.offset} for ${next}`);
      if (record.offset > next) add('skipping poll', `${record.offset} for ${next}`);
      next = record.offset + 1n;
    }
    if (next > highWatermark) add('read beyond the end', `${next} of ${highWatermark}`);
    if (records.length === 0 && offset < highWatermark) add('empty poll', `end ${highWatermark}`);
  }
  return found;
};

/** A client that goes on reading goes on where it was: after the last record that it was given. */
export const acrossPolls: Rule = ({ history }) => {
  const found: Anomaly[] = [];
  const places = new Map<string, bigint>();
  for (const { client, topic, partition, seek, outcome, offset, records } of history.polls) {
    const what = `${client} of ${topic}/${partition}`;
    const last = seek ? offset : (places.get(what) ?? offset);
    if (offset !== last) {
      const rule = offset < last ? 'non-monotonic poll' : 'skipping poll';
      found.push({ rule, detail: `${what}: from ${offset}, was at ${last}` });
    }
    const read = records.at(-1);
    if (outcome === 'ok') places.set(what, read === undefined ? offset : read.offset + 1n);
  }
  return found;
};

/** What was read had been committed, and so had all below the watermark. */
export const uncommittedReads: Rule = (facts) => {
  const { history, logs } = facts;
  const found: Anomaly[] = [];
  for (const { log: name, outcome, records, highWatermark, completed, client } of history.polls) {
    if (outcome !== 'ok') continue;
    const log = name === undefined ? undefined : logs.get(name);
    for (const { offset, value } of records) {
      const place = log?.places.get(Number(offset));
      if (place !== undefined && place.moment < completed) continue;
      const detail = `${client} of ${name}: ${value} at ${offset}`;
      found.push({ rule: 'uncommitted read', detail });
    }
    const end = name === undefined ? undefined : endMax(facts, name, completed);
    if (end === undefined || highWatermark <= end) continue;
    const detail = `${client} of ${name}: end ${highWatermark} of ${end}`;
    found.push({ rule: 'uncommitted read', detail });
  }
  return found;
};

/** A poll or a listing is never below what was there, or known from outside, before it began. */
export const staleReads: Rule = (facts) => {
  const { polls, listings } = facts.history;
  const found: Anomaly[] = [];
  const see = (log: string, client: string, invoked: number, end: bigint): void => {
    const before = endBefore(facts, log, invoked);
    if (before === undefined || before.end <= end) return;
    const detail = `${client} of ${log}: end ${end}, was ${before.end} by ${before.by}`;
    found.push({ rule: 'stale read', detail });
  };
  for (const { log, client, invoked, outcome, highWatermark } of polls) {
    if (log !== undefined && outcome === 'ok') see(log, client, invoked, highWatermark);
  }
  for (const { log, client, invoked, at, offset } of listings) {
    if (log !== undefined && at === 'latest') see(log, client, invoked, offset);
  }
  return found;
};

/** Out of range is what lies below 0 or beyond the end, not what was there before the call. */
export const spuriousOutOfRange: Rule = (facts) => {
  const found: Anomaly[] = [];
  for (const { log, outcome, offset, invoked, client } of facts.history.polls) {
    if (log === undefined || outcome === 'ok' || offset < 0n) continue;
    const end = endBefore(facts, log, invoked)?.end ?? 0n;
    if (offset > end) continue;
    const detail = `${client} of ${log}: ${offset} of ${end}`;
    found.push({ rule: 'spurious out of range', detail });
  }
  return found;
};
