import type { GroupEvent, GroupHistory, WorkDone } from './group-history.ts';
import type { Facts, Rule } from './facts.ts';
import { grouped } from './history.ts';
import type { Anomaly } from './history.ts';

type Event = Extract<GroupEvent, { readonly kind: 'committed' | 'set' | 'expired' }>;

const placeOf = ({ group, log }: { readonly group: string; readonly log: string }): string =>
  `${group} ${log}`;

/**
 * At least once: members that commit what they have worked on leave nothing out. Whatever lies below
 * a committed offset some member of the group has worked on, or an admin has skipped; and in the
 * end all of it.
 */
export const workedOnAll: Rule = (facts) => {
  const { groups } = facts.history;
  const found: Anomaly[] = [];
  const reached = new Map<string, bigint>();
  for (const [place, moments] of momentsOf(groups)) {
    const [{ group } = { group: '' }] = moments;
    if (groups.manners.get(group) !== 'after') continue;
    const done = new Prefix();
    for (const each of moments) {
      if (!('kind' in each)) done.add(each.offset);
      else if (each.kind !== 'committed') done.skipTo(each.offset ?? 0n);
      else if ((each.offset ?? 0n) > done.end) {
        const by = `committed ${each.offset} by ${each.member}`;
        found.push({ rule: 'skipped record', detail: `${place}: ${done.end}, ${by}` });
        done.skipTo(each.offset ?? 0n);
      }
    }
    reached.set(place, done.end);
  }
  return [...found, ...leftOut(groups, reached)];
};

/** What is done of a log from its start, without a hole. */
class Prefix {
  end = 0n;
  readonly #beyond = new Set<bigint>();

  add(offset: bigint): void {
    this.#beyond.add(offset);
    this.#close();
  }

  skipTo(end: bigint): void {
    if (end > this.end) this.end = end;
    this.#close();
  }

  #close(): void {
    while (this.#beyond.delete(this.end)) this.end += 1n;
  }
}

function momentsOf({ works, events }: GroupHistory): Map<string, (WorkDone | Event)[]> {
  const offsets = events.filter(
    (event): event is Event =>
      event.kind === 'committed' || event.kind === 'set' || event.kind === 'expired',
  );
  const all = [...works, ...offsets].toSorted((a, b) => a.moment - b.moment);
  return grouped<WorkDone | Event, string>(all, placeOf);
}

function leftOut({ manners, ends }: GroupHistory, reached: ReadonlyMap<string, bigint>): Anomaly[] {
  return ends.flatMap(({ group, members, partitions }) => {
    if (manners.get(group) !== 'after') return [];
    const wanted = new Set(members.flatMap(({ topics }) => topics));
    return partitions.flatMap(({ topic, log, end }): Anomaly[] => {
      const done = reached.get(`${group} ${log}`) ?? 0n;
      if (!wanted.has(topic) || done >= end) return [];
      return [{ rule: 'unprocessed record', detail: `${group} ${log}: ${done}, of ${end}` }];
    });
  });
}

/** At most once: who commits first never works on what the group has worked on, unless asked to. */
export const workedOnce: Rule = ({ history: { groups } }) => {
  const found: Anomaly[] = [];
  for (const [place, moments] of momentsOf(groups)) {
    const [{ group } = { group: '' }] = moments;
    if (groups.manners.get(group) !== 'before') continue;
    const done = new Map<bigint, WorkDone>();
    for (const each of moments) {
      if ('kind' in each) {
        if (each.kind === 'committed') continue;
        for (const offset of done.keys()) if (offset >= (each.offset ?? 0n)) done.delete(offset);
        continue;
      }
      const before = done.get(each.offset);
      done.set(each.offset, each);
      if (before === undefined) continue;
      const detail = `${place}: ${each.offset} by ${before.member} and ${each.member}`;
      found.push({ rule: 'worked on twice', detail });
    }
  }
  return found;
};

/**
 * In the end a group is stable, is listed, and every partition of the topics that its members asked
 * for has one owner, who is one of them.
 */
export const settledGroups: Rule = ({ history: { groups } }: Facts) =>
  groups.ends.flatMap(({ group, status, listed, members, partitions }) => {
    const wrong: string[] = [];
    if (status !== 'stable') wrong.push(`is ${status}`);
    if (!listed) wrong.push('is not listed');
    for (const { topic, log, owners } of partitions) {
      const takers = members.filter(({ topics }) => topics.includes(topic));
      const known = owners.filter((owner) => takers.some(({ member }) => member === owner));
      if (owners.length === Math.min(1, takers.length) && known.length === owners.length) continue;
      wrong.push(`${topic} ${log} is of [${owners.join()}]`);
    }
    return wrong.map((what) => ({ rule: 'unsettled group', detail: `${group}: ${what}` }));
  });
