import type { Seeded } from '../../engine/seeded.ts';
import type { Commit, History, Send } from './history.ts';

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
export const changed =
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

export const attempts = ({ sends }: History, value: string): readonly Send[] =>
  sends.filter((send) => send.value === value);

export const isAcked = (history: History, value: string): boolean =>
  attempts(history, value).some(({ outcome }) => outcome === 'ok');

export const endBy = ({ commits }: History, log: string | undefined, moment: number): bigint =>
  BigInt(commits.filter((commit) => commit.log === log && commit.moment < moment).length);

export const placesOf = ({ commits }: History, value: string): readonly Commit[] =>
  commits.filter((commit) => commit.value === value);

/** The last of a log that was acknowledged: nothing behind it shows that it is missing. */
export const isLast = (history: History, { log, offset, value }: Commit): boolean =>
  isAcked(history, value) && endBy(history, log, Infinity) === offset + 1n;

/** What is done, the rules of which one at least must find it, and how it is done. */
export type Row = readonly [string, readonly string[], Mutation];

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
