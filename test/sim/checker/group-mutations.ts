import type { Seeded } from '../../engine/seeded.ts';
import { nobody } from './group-history.ts';
import type { GroupEvent, GroupHistory } from './group-history.ts';
import { GroupLedger, committedIn } from './group-ledger.ts';
import type { History } from './history.ts';
import type { Row } from './mutate.ts';

type Listed = 'commits' | 'told' | 'works' | 'events' | 'ends' | 'guarded';

/** One of those that fit, replaced by what is made of it; by nothing, if that is undefined. */
const inGroups =
  <K extends Listed>(
    kind: K,
    fits: (each: GroupHistory[K][number], groups: GroupHistory, at: number) => boolean,
    make: (each: GroupHistory[K][number]) => readonly GroupHistory[K][number][],
  ) =>
  (history: History, random: Seeded): History | undefined => {
    const { groups } = history;
    const list = groups[kind] as readonly GroupHistory[K][number][];
    const candidates = list.flatMap((each, at) => (fits(each, groups, at) ? [at] : []));
    if (candidates.length === 0) return undefined;
    const chosen = random.pick(candidates);
    const made = list.flatMap((each, at) => (at === chosen ? make(each) : [each]));
    return { ...history, groups: { ...groups, [kind]: made } };
  };

const isKind =
  <K extends GroupEvent['kind']>(kind: K) =>
  (event: GroupEvent): event is Extract<GroupEvent, { readonly kind: K }> =>
    event.kind === kind;
const [isCommitted, isGranted] = [isKind('committed'), isKind('granted')];
const placeOf = ({ group, log }: { readonly group: string; readonly log: string | undefined }) =>
  `${group} ${log}`;

/** What a group has committed of a partition just before one of its events. */
function before(groups: GroupHistory, at: number): bigint | undefined {
  const ledger = new GroupLedger();
  for (const event of groups.events.slice(0, at)) ledger.apply(event);
  const event = groups.events[at];
  return event !== undefined && 'log' in event ? committedIn(ledger.partition(event)) : undefined;
}

const hasSets = ({ events }: GroupHistory, place: string): boolean =>
  events.some(
    (event) => (event.kind === 'set' || event.kind === 'expired') && placeOf(event) === place,
  );

export const groupMutations: readonly Row[] = [
  [
    'a commit is of another member',
    ['stale commit'],
    inGroups('events', isCommitted, (event) => [{ ...event, item: 'm:other@1' } as GroupEvent]),
  ],
  [
    'a commit is under an older grant',
    ['stale commit'],
    inGroups('events', isCommitted, (event) => [{ ...event, a: 0 } as GroupEvent]),
  ],
  [
    'a commit goes back',
    ['committed offset goes back', 'phantom commit'],
    inGroups(
      'events',
      (event, groups, at) => isCommitted(event) && (before(groups, at) ?? 0n) > 0n,
      (event) => [{ ...event, offset: 0n } as GroupEvent],
    ),
  ],
  [
    'a commit that was acknowledged does not count',
    ['lost commit', 'moved offset', 'wrong committed offset', 'stale commit', 'skipped record'],
    inGroups(
      'events',
      (event, { commits, events }) =>
        isCommitted(event) &&
        commits.some(
          ({ by, n, outcome, log }) =>
            by === event.member && n === event.n && outcome === 'ok' && log === event.log,
        ) &&
        !events.some(
          (one) =>
            isCommitted(one) &&
            placeOf(one) === placeOf(event) &&
            one.member === event.member &&
            one.n > event.n,
        ),
      () => [],
    ),
  ],
  [
    'a commit that counted was never sent',
    ['phantom commit'],
    (history, random) => {
      const event = random.pick(history.groups.events.filter(isCommitted));
      if (event === undefined) return undefined;
      const commits = history.groups.commits.filter(
        ({ by, offset, log }) =>
          by !== event.member || offset !== event.offset || log !== event.log,
      );
      return { ...history, groups: { ...history.groups, commits } };
    },
  ],
  [
    'a commit that counted is told to be refused',
    ['failed commit'],
    inGroups(
      'commits',
      (attempt, { commits, events }) =>
        attempt.outcome === 'ok' &&
        attempt.by !== nobody &&
        commits.filter(({ by, n }) => by === attempt.by && n === attempt.n).length === 1 &&
        events.some(
          (one) =>
            isCommitted(one) &&
            one.member === attempt.by &&
            one.n === attempt.n &&
            one.log === attempt.log &&
            one.moment > attempt.invoked,
        ),
      (attempt) => [{ ...attempt, outcome: 'failed' }],
    ),
  ],
  [
    'a partition is granted while its owner has it',
    ['two owners'],
    inGroups(
      'events',
      (event, { events }) =>
        event.kind === 'released' &&
        !events.some((one) => one.kind === 'gone' && one.item === event.item) &&
        events.some((one) => isGranted(one) && placeOf(one) === placeOf(event) && one.a > event.a),
      () => [],
    ),
  ],
  [
    'a partition is granted in no later epoch',
    ['two owners'],
    inGroups('events', isGranted, (event) => [event, event]),
  ],
  [
    'a partition goes over with another offset',
    ['moved offset'],
    inGroups('events', isGranted, (event) => [{ ...event, offset: 1_000_000n } as GroupEvent]),
  ],
  [
    'a partition is delivered to another',
    ['two owners', 'stale commit'],
    inGroups('events', isKind('delivered'), (event) => [
      { ...event, item: 'm:other@1' } as GroupEvent,
    ]),
  ],
  [
    'an offset is set that nobody asked for',
    ['unasked change'],
    inGroups(
      'events',
      ({ kind, group }, { commits }) =>
        kind === 'set' && !commits.some((one) => one.group === group && one.unclear === true),
      (event) => [{ ...event, offset: 1_000_001n } as GroupEvent],
    ),
  ],
  [
    'an offset is told that was not committed',
    ['wrong committed offset'],
    inGroups(
      'told',
      ({ log }) => log !== undefined,
      (one) => [{ ...one, offset: 1_000_002n }],
    ),
  ],
  [
    'a record is left out',
    ['skipped record', 'unprocessed record'],
    (history, random) => {
      const { groups } = history;
      const fits = groups.works.filter(
        (work) =>
          groups.manners.get(work.group) === 'after' &&
          !hasSets(groups, placeOf(work)) &&
          groups.events.some(
            (one) =>
              isCommitted(one) &&
              placeOf(one) === placeOf(work) &&
              (one.offset ?? 0n) > work.offset,
          ),
      );
      if (fits.length === 0) return undefined;
      const { offset, ...of } = random.pick(fits);
      const works = groups.works.filter(
        (one) => one.offset !== offset || placeOf(one) !== placeOf(of),
      );
      return { ...history, groups: { ...groups, works } };
    },
  ],
  [
    'a record is worked on once more',
    ['worked on twice'],
    inGroups(
      'works',
      (work, groups) =>
        groups.manners.get(work.group) === 'before' && !hasSets(groups, placeOf(work)),
      (work) => [work, { ...work, moment: work.moment + 0.5 }],
    ),
  ],
  [
    'in the end a group is not stable',
    ['unsettled group'],
    inGroups(
      'ends',
      () => true,
      (end) => [{ ...end, status: 'reconciling' }],
    ),
  ],
  [
    'in the end a partition has no owner, or another one',
    ['unsettled group'],
    inGroups(
      'ends',
      ({ partitions }) => partitions.length > 0,
      (end) => [{ ...end, partitions: end.partitions.map((one) => ({ ...one, owners: ['who'] })) }],
    ),
  ],
  [
    'a write carries an older number',
    ['fenced write', 'two holders'],
    inGroups(
      'guarded',
      ({ epoch }) => epoch > 1,
      (write) => [write, { ...write, epoch: write.epoch - 1, owner: 'who', from: write.to }],
    ),
  ],
  [
    'a write is of another holder',
    ['two holders'],
    inGroups(
      'guarded',
      () => true,
      (write) => [write, { ...write, owner: 'who', from: write.to }],
    ),
  ],
  [
    'a write is over another',
    ['lost update'],
    inGroups(
      'guarded',
      () => true,
      (write) => [write, { ...write, from: write.to + 1 }],
    ),
  ],
];
