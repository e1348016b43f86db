import type { Facts, Rule } from './facts.ts';
import { grouped, topicOf } from './history.ts';
import type { Closing, Deletion } from './history.ts';

/**
 * Once a deletion was answered, or the next topic of the name had a record, nothing is appended to
 * what was deleted.
 */
export const appendsAfterDeletion: Rule = (facts) => {
  if (facts.history.closings.length === 0) return [];
  const dead = deaths(facts);
  return facts.history.commits
    .filter(({ log, moment }) => moment > (dead.get(topicOf(log)) ?? Infinity))
    .map(({ value, log, offset }) => ({
      rule: 'append after deletion',
      detail: `${value} at ${log}@${offset}`,
    }));
};

/** From then on nothing of it is read any more: whoever meets a closed log looks the name up again. */
export const readsAfterDeletion: Rule = (facts) => {
  if (facts.history.closings.length === 0) return [];
  const dead = deaths(facts);
  return facts.history.polls.flatMap(({ log, invoked, client, records: [first] }) => {
    if (log === undefined || first === undefined) return [];
    if (invoked <= (dead.get(topicOf(log)) ?? Infinity)) return [];
    const detail = `${first.value} at ${log}@${first.offset} by ${client}`;
    return [{ rule: 'read after deletion', detail }];
  });
};

/** A deletion is of one topic: that which has the name when it begins, or later; never the next too. */
export const deletionsOfOthers: Rule = ({ history: { closings, deletions } }) =>
  [...grouped(closings, ({ topic }) => topic)].flatMap(([topic, all]) =>
    firsts(all).flatMap(({ topicId, moment }, i) => {
      const asked = deletions.filter(
        (each) => each.topic === topic && each.outcome !== 'failed' && each.invoked < moment,
      );
      if (asked.length > i) return [];
      const detail = `${topicId} of ${topic}, after deletions=${asked.length}`;
      return [{ rule: 'deletion of another', detail }];
    }),
  );

/** When each topic was marked first. */
const firsts = (closings: readonly Closing[]): readonly Closing[] =>
  closings.filter(({ topicId }, i) => closings.findIndex((c) => c.topicId === topicId) === i);

/** From which moment on each topic is known to be closed, by id. */
function deaths({ history, topics }: Facts): Map<string, number> {
  const dead = new Map<string, number>();
  const die = (id: string, moment: number): void => {
    dead.set(id, Math.min(moment, dead.get(id) ?? Infinity));
  };
  const born = new Map<string, number>();
  for (const { log, moment } of history.commits) {
    if (!born.has(topicOf(log))) born.set(topicOf(log), moment);
  }
  for (const [topic, all] of grouped(history.closings, (closing) => closing.topic)) {
    const closings = firsts(all);
    // A name is free only when all that bore it are closed.
    for (const [i, { topicId, moment }] of closings.entries()) {
      die(topicId, closings[i + 1]?.moment ?? Infinity);
      for (const [id, first] of born) {
        if (id !== topicId && topics.get(id) === topic && first > moment) die(topicId, first);
      }
    }
    for (const deletion of history.deletions) {
      if (deletion.outcome !== 'ok' || deletion.topic !== topic) continue;
      for (const { topicId } of deletedBy(deletion, closings, born))
        die(topicId, deletion.completed);
    }
  }
  return dead;
}

/**
 * Of the topics of one name, those that are closed for certain when a deletion was answered. The
 * last one may have been marked by somebody else, after the deletion was done with the one before
 * it; not so if there is none before it, or it was there when the deletion began.
 */
function deletedBy(
  { invoked, completed }: Deletion,
  closings: readonly Closing[],
  born: ReadonlyMap<string, number>,
): readonly Closing[] {
  const marked = closings.filter(({ moment }) => moment < completed);
  const last = marked.at(-1);
  if (last === undefined) return [];
  const since = Math.min(last.moment, born.get(last.topicId) ?? Infinity);
  return marked.length === 1 || since < invoked ? marked : marked.slice(0, -1);
}
