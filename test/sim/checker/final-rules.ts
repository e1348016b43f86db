import { isAt, whereIs } from './facts.ts';
import type { Facts, Log, Place, Rule } from './facts.ts';
import { grouped } from './history.ts';
import type { Anomaly, Final, History } from './history.ts';

/**
 * After the last fault: whoever reads a log from its start sees all that anybody was told of it, by
 * an acknowledgement or by a poll; and every such log is read, unless somebody deleted it.
 */
export const unseen: Rule = (facts) => {
  const { history, logs } = facts;
  if (history.finals.length === 0) return [];
  const told = toldPlaces(facts);
  const finals = grouped(history.finals, ({ log }) => log);
  const deleted = deletedTopics(history);
  return [...logs.values()].flatMap((log) => {
    const readers = finals.get(log.name) ?? [];
    if (readers.length === 0 && deleted.has(log.topicId)) return [];
    if (readers.length === 0) return unread(log, told, history.journal);
    return readers.flatMap((final) => unseenBy(final, log, told));
  });
};

/** A value alone is not enough: it may be in the next topic of the name, and nobody knows. */
function toldPlaces({ history, logs, places }: Facts): Set<Place> {
  const told = new Set<Place>();
  for (const send of history.sends) {
    if (send.outcome !== 'ok') continue;
    for (const place of places.get(send.value) ?? []) {
      if (isAt(place, send) && place.moment < send.completed) told.add(place);
    }
  }
  for (const { log, records } of history.polls) {
    const known = log === undefined ? undefined : logs.get(log)?.places;
    for (const { offset, value } of records) {
      const place = known?.get(Number(offset));
      if (place?.value === value) told.add(place);
    }
  }
  return told;
}

function unread(log: Log, told: ReadonlySet<Place>, journal: boolean): Anomaly[] {
  const place = [...log.places.values()].find((each) => told.has(each));
  const last = log.ends.at(-1);
  const end = journal || last === undefined || last.end === 0n ? undefined : last.by;
  const by = place?.value ?? end;
  if (by === undefined) return [];
  return [{ rule: 'unseen', detail: `${log.name}, known by ${by}, by anybody` }];
}

function unseenBy(final: Final, log: Log, told: ReadonlySet<Place>): Anomaly[] {
  const found: Anomaly[] = [];
  const seen = new Map(final.records.map(({ offset, value }) => [Number(offset), value]));
  for (const place of log.places.values()) {
    const there = seen.get(Number(place.offset));
    if (there === place.value || !told.has(place)) continue;
    const detail = `${place.value} at ${whereIs([place])} by ${final.reader}, who saw ${there}`;
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
