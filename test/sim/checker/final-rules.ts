import type { Log, Rule } from './facts.ts';
import { grouped } from './history.ts';
import type { Anomaly, Final, History } from './history.ts';

/**
 * After the last fault: whoever reads a log from its start sees all that anybody was told of it, by
 * an acknowledgement or by reading it; and every such log is read, unless somebody deleted it.
 */
export const unseen: Rule = (facts) => {
  const { history, logs } = facts;
  if (history.finals.length === 0) return [];
  const known = new Set<string>();
  for (const { value, outcome } of history.sends) if (outcome === 'ok') known.add(value);
  for (const { records } of [...history.polls, ...history.finals]) {
    for (const { value } of records) known.add(value);
  }
  const finals = grouped(history.finals, ({ log }) => log);
  const deleted = deletedTopics(history);
  return [...logs.values()].flatMap((log) => {
    const readers = finals.get(log.name) ?? [];
    if (readers.length === 0 && deleted.has(log.topicId)) return [];
    if (readers.length === 0) return unread(log, known, history.journal);
    return readers.flatMap((final) => unseenBy(final, log, known));
  });
};

function unread(log: Log, known: ReadonlySet<string>, journal: boolean): Anomaly[] {
  const told = [...log.places.values()].find(({ value }) => known.has(value))?.value;
  const last = log.ends.at(-1);
  const toldOf = journal || last === undefined || last.end === 0n ? undefined : last.by;
  const by = told ?? toldOf;
  if (by === undefined) return [];
  return [{ rule: 'unseen', detail: `${log.name}, known by ${by}, by anybody` }];
}

function unseenBy(final: Final, log: Log, known: ReadonlySet<string>): Anomaly[] {
  const found: Anomaly[] = [];
  const seen = new Map(final.records.map(({ offset, value }) => [offset, value]));
  for (const { value, offset } of log.places.values()) {
    const there = seen.get(offset);
    if (there === value || !known.has(value)) continue;
    const detail = `${value} at ${log.name}@${offset} by ${final.reader}, who saw ${there}`;
    found.push({ rule: 'unseen', detail });
  }
  return found;
}

/** Ids of the topics that were marked as deleted after somebody had asked for it. */
function deletedTopics({ closings, deletions }: History): Set<string> {
  const asked = closings.filter(({ topic, moment }) =>
    deletions.some((deletion) => deletion.topic === topic && deletion.invoked < moment),
  );
  return new Set(asked.map(({ topicId }) => topicId));
}
