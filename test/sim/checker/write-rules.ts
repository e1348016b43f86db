import { isAt, whereIs } from './facts.ts';
import type { Rule } from './facts.ts';
import { logName } from './history.ts';
import type { Anomaly, Read, Send } from './history.ts';

/**
 * What was acknowledged was in the log before. From outside: it is in what was read, if its log was
 * read at the end. What is unknown may be there or not.
 */
export const lostWrites: Rule = ({ history, places, logs }) => {
  const found: Anomaly[] = [];
  for (const send of history.sends) {
    if (send.outcome !== 'ok') continue;
    const all = places.get(send.value) ?? [];
    if (all.some(({ moment }) => moment < send.completed)) continue;
    if (!history.journal && logs.get(logName(send))?.finalEnd === undefined) continue;
    const where = all.length === 0 ? 'is nowhere' : `came only later to ${whereIs(all)}`;
    found.push({ rule: 'lost write', detail: `${told(send)} ${where}` });
  }
  return found;
};

const told = ({ value, client, partition, offset }: Send): string =>
  `${value} told to ${client} at ${partition}@${offset}`;

/**
 * What was acknowledged is at the offset that was told, whichever attempt was told so. From outside:
 * nobody read, or was told, anything else there.
 */
export const inconsistentOffsets: Rule = ({ history, places, logs }) => {
  const found: Anomaly[] = [];
  const toldAt = new Map<string, string>();
  const toldOf = new Map<string, string>();
  for (const send of history.sends) {
    if (send.outcome !== 'ok') continue;
    const all = places.get(send.value)?.filter(({ moment }) => moment < send.completed) ?? [];
    const add = (what: string): void => {
      found.push({ rule: 'inconsistent offset', detail: `${told(send)}, ${what}` });
    };
    if (all.some((place) => isAt(place, send))) continue;
    if (all.length > 0) add(`is at ${whereIs(all)}`);
    if (all.length > 0 || history.journal) continue;
    const name = logName(send);
    const where = `${name}@${send.offset}`;
    const there =
      logs.get(name)?.places.get(Number(send.offset))?.value ?? toldAt.get(where) ?? send.value;
    const before = toldOf.get(send.value) ?? where;
    if (there !== send.value) add(`where ${there} is`);
    else if (before !== where) add(`before at ${before}`);
    toldAt.set(where, there);
    toldOf.set(send.value, before);
  }
  return found;
};

/**
 * A value is in a topic once, however often it was sent. It may be in the next topic of the same
 * name as well, if it was sent again: keys and sequences are those of one topic.
 */
export const duplicates: Rule = ({ places, attempts }) => {
  const found: Anomaly[] = [];
  for (const [value, all] of places) {
    if (all.length < 2) continue;
    const topics = new Set(all.map(({ log }) => log.topicId)).size;
    const sent = attempts.get(value)?.filter(({ outcome }) => outcome !== 'failed').length ?? 0;
    if (topics === all.length && all.length <= sent) continue;
    found.push({ rule: 'duplicate', detail: `${value} is at ${whereIs(all)}` });
  }
  return found;
};

/** Jepsen's G1a: what failed for certain, every time that it was sent, is never read. */
export const abortedReads: Rule = ({ history, attempts }) => {
  const aborted = new Set<string>();
  for (const [value, sent] of attempts) {
    if (sent.every(({ outcome }) => outcome === 'failed')) aborted.add(value);
  }
  const found: Anomaly[] = [];
  const see = (records: readonly Read[], who: string): void => {
    for (const { value } of records) {
      if (aborted.delete(value)) found.push({ rule: 'aborted read', detail: `${value} by ${who}` });
    }
  };
  for (const { records, client } of history.polls) see(records, client);
  for (const { records, reader } of history.finals) see(records, reader);
  return found;
};

/**
 * What an attempt put into the log was not called failed: some attempt that began before the commit
 * ended well, or without an answer. A later one that ended well explains nothing.
 */
export const brokenRefusals: Rule = ({ history, attempts }) => {
  const found: Anomaly[] = [];
  for (const { value, log, offset, moment } of history.commits) {
    const before = attempts.get(value)?.filter(({ invoked }) => invoked < moment) ?? [];
    if (before.length === 0 || before.some(({ outcome }) => outcome !== 'failed')) continue;
    found.push({ rule: 'failed write in the log', detail: `${value} at ${log}@${offset}` });
  }
  return found;
};

/** Nothing is in the log, or read, that nobody had sent before. */
export const phantoms: Rule = ({ history, attempts }) => {
  const found: Anomaly[] = [];
  const see = (value: string, moment: number, where: () => string): void => {
    if (attempts.get(value)?.some(({ invoked }) => invoked <= moment) === true) return;
    found.push({ rule: 'phantom record', detail: `${value} ${where()}` });
  };
  for (const { value, log, offset, moment } of history.commits) {
    see(value, moment, () => `at ${log}@${offset}`);
  }
  for (const { records, client, completed, topic, partition } of history.polls) {
    const where = (): string => `read by ${client} in ${topic}/${partition}`;
    for (const { value } of records) see(value, completed, where);
  }
  for (const { records, reader, log } of history.finals) {
    for (const { value } of records) see(value, Infinity, () => `read by ${reader} in ${log}`);
  }
  return found;
};

/** A record is in a log of the topic that it was sent to. */
export const misplacedRecords: Rule = ({ attempts, places, topics }) => {
  const found: Anomaly[] = [];
  for (const [value, all] of places) {
    const topic = attempts.get(value)?.[0]?.topic;
    const astray = all.filter(
      ({ log }) => topic !== undefined && topics.get(log.topicId) !== topic,
    );
    if (astray.length === 0) continue;
    const detail = `${value}, sent to ${topic}, is at ${whereIs(astray)}`;
    found.push({ rule: 'misplaced record', detail });
  }
  return found;
};
