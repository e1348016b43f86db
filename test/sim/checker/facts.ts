import { grouped, logName, partitionOf, topicOf } from './history.ts';
import type { Anomaly, History, Read, Send } from './history.ts';

/** A record in the log. */
export interface Place extends Read {
  readonly log: Log;
  /** When it was committed; −Infinity where no journal says so. */
  readonly moment: number;
}

/** From this moment on a log is known to be at least so long. */
export interface End {
  readonly moment: number;
  readonly end: bigint;
  /** A value that was committed or acknowledged, or a client who was told. */
  readonly by: string;
}

export interface Log {
  readonly name: string;
  readonly topicId: string;
  readonly partition: number;
  /** By offset, as a number for speed; what was noted first, if there are two. */
  readonly places: Map<number, Place>;
  /** Both rise. */
  readonly ends: End[];
  /** The highest end that was read when all was over. Undefined: nobody did. */
  finalEnd: bigint | undefined;
}

/**
 * A history arranged for the rules, once for all of them. With a journal the log is what was
 * committed; without, what the finals and then the polls show.
 */
export interface Facts {
  readonly history: History;
  readonly logs: ReadonlyMap<string, Log>;
  /** By value. */
  readonly places: ReadonlyMap<string, readonly Place[]>;
  /** By value. */
  readonly attempts: ReadonlyMap<string, readonly Send[]>;
  /** The name of each topic id: that of its closing, else that of the first record in it. */
  readonly topics: ReadonlyMap<string, string>;
}

export type Rule = (facts: Facts) => readonly Anomaly[];

export function factsOf(history: History): Facts {
  const logs = new Map<string, Log>();
  const places = new Map<string, Place[]>();
  const logAt = (name: string): Log => {
    const known = logs.get(name);
    if (known !== undefined) return known;
    const ids = { topicId: topicOf(name), partition: partitionOf(name) };
    const log = { name, ...ids, places: new Map(), ends: [], finalEnd: undefined };
    logs.set(name, log);
    return log;
  };
  const put = (log: Log, { offset, value, timestamp }: Read, moment: number): void => {
    const place = { log, offset, value, timestamp, moment };
    if (!log.places.has(Number(offset))) log.places.set(Number(offset), place);
    const others = places.get(value);
    if (others === undefined) places.set(value, [place]);
    else others.push(place);
  };
  for (const commit of history.commits) {
    const log = logAt(commit.log);
    put(log, commit, commit.moment);
    raise(log, { moment: commit.moment, end: commit.offset + 1n, by: commit.value });
  }
  for (const { log: name, end } of history.finals) {
    const log = logAt(name);
    if (log.finalEnd === undefined || log.finalEnd < end) log.finalEnd = end;
  }
  if (!history.journal) {
    for (const { log: name, records } of [...history.finals, ...history.polls]) {
      if (name === undefined) continue;
      const log = logAt(name);
      for (const read of records)
        if (!log.places.has(Number(read.offset))) put(log, read, -Infinity);
    }
    tellEnds(history, logAt);
  }
  const attempts = grouped(history.sends, ({ value }) => value);
  return { history, logs, places, attempts, topics: topicsOf(history, logs, attempts) };
}

function topicsOf(
  { journal, closings }: History,
  logs: Facts['logs'],
  attempts: Facts['attempts'],
): Map<string, string> {
  const names = new Map(closings.map(({ topic, topicId }) => [topicId, topic]));
  for (const { topicId, places } of logs.values()) {
    if (!journal) names.set(topicId, topicId);
    for (const { value } of places.values()) {
      const name = names.get(topicId) ?? attempts.get(value)?.[0]?.topic;
      if (name === undefined) continue;
      names.set(topicId, name);
      break;
    }
  }
  return names;
}

function raise({ ends }: Log, next: End): void {
  const last = ends.at(-1);
  if (last === undefined || last.end < next.end) ends.push(next);
}

/** Where nobody sees commits: what clients were told of the length of a log. */
function tellEnds({ sends, polls, listings }: History, logAt: (name: string) => Log): void {
  const told: (End & { readonly log: Log })[] = [];
  for (const send of sends) {
    if (send.outcome !== 'ok') continue;
    const [log, end] = [logAt(logName(send)), send.offset + 1n];
    told.push({ log, moment: send.completed, end, by: send.value });
  }
  for (const { log, outcome, completed, highWatermark, client } of polls) {
    if (log === undefined || outcome !== 'ok') continue;
    told.push({ log: logAt(log), moment: completed, end: highWatermark, by: client });
  }
  for (const { log, at, completed, offset, client } of listings) {
    if (log === undefined || at !== 'latest') continue;
    told.push({ log: logAt(log), moment: completed, end: offset, by: client });
  }
  for (const end of told.toSorted((a, b) => a.moment - b.moment)) raise(end.log, end);
}

/** How long a log was known to be before this moment. Undefined: nothing is known of it. */
export function endBefore({ logs }: Facts, log: string, moment: number): End | undefined {
  const ends = logs.get(log)?.ends ?? [];
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] as End).moment < moment) low = middle + 1;
    else high = middle;
  }
  return ends[low - 1];
}

/** How long a log can have been by this moment. Undefined: nobody can say. */
export const endMax = (facts: Facts, log: string, moment: number): bigint | undefined =>
  facts.history.journal
    ? (endBefore(facts, log, moment)?.end ?? 0n)
    : facts.logs.get(log)?.finalEnd;

export const whereIs = (places: readonly Place[]): string =>
  places.map(({ log, offset }) => `${log.name}@${offset}`).join(' ');

export const isAt = ({ log, offset }: Place, told: Send): boolean =>
  log.partition === told.partition && offset === told.offset;
