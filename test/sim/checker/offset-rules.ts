import { nobody } from './group-history.ts';
import type { GroupEvent, GroupHistory, OffsetAttempt } from './group-history.ts';
import { GroupLedger, committedIn } from './group-ledger.ts';
import type { Rule } from './facts.ts';
import { grouped } from './history.ts';
import type { Anomaly } from './history.ts';

type Committed = Extract<GroupEvent, { readonly kind: 'committed' }>;

const placeOf = ({ group, log }: { readonly group: string; readonly log: string | undefined }) =>
  `${group} ${log}`;

/**
 * What members were told of their commits. Accepted: it counts, or a later one of the same member
 * does. Refused: it does not count, then or ever. Whatever counts somebody has sent before.
 */
export const toldCommits: Rule = ({ history: { groups, journal } }) => {
  if (!journal) return [];
  const found: Anomaly[] = [];
  const accepted = groups.events.filter((event): event is Committed => event.kind === 'committed');
  const byPlace = grouped(accepted, placeOf);
  const attempts = grouped(
    groups.commits.filter(({ by }) => by !== nobody),
    placeOf,
  );
  for (const [place, list] of attempts) {
    const counted = byPlace.get(place) ?? [];
    for (const attempt of list) {
      const wrong = wrongWith(attempt, counted, list);
      if (wrong !== undefined) found.push({ rule: wrong, detail: textOf(attempt) });
    }
  }
  for (const event of accepted) {
    const sent = (attempts.get(placeOf(event)) ?? []).some(
      (attempt) => isOf(attempt, event) && attempt.invoked < event.moment,
    );
    if (sent) continue;
    const detail = `${placeOf(event)} by ${event.member} n=${event.n} offset=${event.offset}`;
    found.push({ rule: 'phantom commit', detail });
  }
  return found;
};

const isOf = ({ by, n, offset }: OffsetAttempt, event: Committed): boolean =>
  by === event.member && (n ?? event.n) === event.n && offset === event.offset;

/** An attempt that names no number is known by its offset, unless another had that too. */
function wrongWith(
  attempt: OffsetAttempt,
  counted: readonly Committed[],
  all: readonly OffsetAttempt[],
): string | undefined {
  const { by, n, outcome, invoked, completed } = attempt;
  const mine = counted.filter((event) => isOf(attempt, event));
  if (outcome === 'failed') {
    // Sent more than once under one number: another copy may have been accepted.
    const others = all.filter((one) => one !== attempt && one.by === by && one.n === n);
    const isSole = others.every((one) => one.outcome === 'failed');
    return isSole && mine.some(({ moment }) => moment > invoked) ? 'failed commit' : undefined;
  }
  if (outcome !== 'ok') return undefined;
  const counts = mine.some(({ moment }) => moment < completed);
  const overtaken = counted.some(
    (event) => event.member === by && n !== undefined && event.n > n && event.moment < completed,
  );
  return counts || overtaken ? undefined : 'lost commit';
}

const textOf = (attempt: OffsetAttempt): string =>
  `${placeOf(attempt)} by ${attempt.by} n=${attempt.n} offset=${attempt.offset}`;

/** From this moment on it is what the group has committed. */
interface Since {
  readonly moment: number;
  readonly offset: bigint | undefined;
}

/** An offset that is told was the committed one at some moment of the call. */
export const toldOffsets: Rule = ({ history: { groups, journal } }) => {
  if (!journal) return [];
  const times = timesOf(groups);
  return groups.told.flatMap((told): Anomaly[] => {
    if (told.log === undefined) return [];
    const all = times.get(placeOf(told)) ?? [{ moment: -Infinity, offset: undefined }];
    const first = all.findLastIndex(({ moment }) => moment < told.invoked);
    const during = all.slice(Math.max(first, 0)).filter(({ moment }) => moment < told.completed);
    if (during.some(({ offset }) => offset === told.offset)) return [];
    const were = during.map(({ offset }) => String(offset)).join(', ');
    const detail = `${placeOf(told)} to ${told.client}: ${told.offset}, was ${were}`;
    return [{ rule: 'wrong committed offset', detail }];
  });
};

function timesOf({ events }: GroupHistory): ReadonlyMap<string, readonly Since[]> {
  const ledger = new GroupLedger();
  const times = new Map<string, Since[]>();
  for (const event of events) {
    ledger.apply(event);
    if (!('log' in event)) continue;
    const { moment } = event;
    const list = times.get(placeOf(event)) ?? [{ moment: -Infinity, offset: undefined }];
    times.set(placeOf(event), list);
    const offset = committedIn(ledger.partition(event));
    if (list.at(-1)?.offset !== offset) list.push({ moment, offset });
  }
  return times;
}

/**
 * From outside, of partitions that only members commit: who commits later under an older grant is
 * refused; a grant has one owner; nobody is told less than what was acknowledged before.
 */
export const commitsInOrder: Rule = ({ history: { groups } }) => {
  const unruly = new Set(
    groups.commits.filter(({ by }) => by === nobody).map(({ group }) => group),
  );
  const accepted = onceEach(groups.commits.filter(({ by }) => by !== nobody));
  const told = grouped(groups.told, placeOf);
  return [...grouped(accepted, placeOf)].flatMap(([place, list]) => {
    const wrong = [...twoOwners(place, list)];
    const isCalm = list.every(({ group, log }) => log !== undefined && !unruly.has(group));
    if (isCalm) wrong.push(...staleTold(place, list, told.get(place) ?? []));
    return wrong;
  });
};

/**
 * What was accepted, from when it was sent first: sent again under its number it is answered as if
 * it had come then, however late, and whatever became of the first copy. Refused at first, it may
 * be answered so without having counted: a later one of its member has overtaken it.
 */
function onceEach(attempts: readonly OffsetAttempt[]): readonly OffsetAttempt[] {
  const copies = grouped(attempts, (one) => `${placeOf(one)} ${one.by} ${one.n ?? one.invoked}`);
  return [...copies.values()].flatMap((all) => {
    const [accepted] = all
      .filter(({ outcome }) => outcome === 'ok')
      .toSorted((a, b) => a.completed - b.completed);
    const invoked = Math.min(...all.map((one) => one.invoked));
    const wasRefused = all.some(({ outcome }) => outcome === 'failed');
    return accepted === undefined || wasRefused ? [] : [{ ...accepted, invoked }];
  });
}

function twoOwners(place: string, accepted: readonly OffsetAttempt[]): Anomaly[] {
  const found: Anomaly[] = [];
  const owners = new Map<number, OffsetAttempt>();
  let newest: OffsetAttempt | undefined;
  const byEnd = accepted.toSorted((a, b) => a.completed - b.completed);
  const told = [...byEnd];
  for (const attempt of accepted.toSorted((a, b) => a.invoked - b.invoked)) {
    const owner = owners.get(attempt.grant);
    if (owner === undefined) owners.set(attempt.grant, attempt);
    else if (nameOf(owner) !== nameOf(attempt)) {
      const detail = `${place} grant=${attempt.grant}: ${owner.by} and ${attempt.by}`;
      found.push({ rule: 'two owners', detail });
    }
    for (; (told[0]?.completed ?? Infinity) < attempt.invoked; told.shift()) {
      if (newest === undefined || (told[0]?.grant ?? 0) > newest.grant) newest = told[0];
    }
    if (newest === undefined || newest.grant <= attempt.grant) continue;
    const later = `after ${newest.by} of grant=${newest.grant}`;
    const detail = `${place} by ${attempt.by} of grant=${attempt.grant}, ${later}`;
    found.push({ rule: 'stale commit', detail });
  }
  return found;
}

const nameOf = ({ by, instance }: OffsetAttempt): string => instance ?? by;

function staleTold(
  place: string,
  accepted: readonly OffsetAttempt[],
  told: GroupHistory['told'],
): Anomaly[] {
  return told.flatMap((one): Anomaly[] => {
    const known = accepted.filter(({ completed }) => completed < one.invoked);
    const offsets = known.map(({ offset }) => offset ?? 0n);
    const most = offsets.reduce((max, offset) => (offset > max ? offset : max), 0n);
    if ((one.offset ?? 0n) >= most) return [];
    const detail = `${place} to ${one.client}: ${one.offset}, acknowledged was ${most}`;
    return [{ rule: 'stale committed offset', detail }];
  });
}
