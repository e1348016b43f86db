import { nobody } from './group-history.ts';
import type { GroupEvent, OffsetAttempt } from './group-history.ts';
import { GroupLedger, committedIn } from './group-ledger.ts';
import type { Rule } from './facts.ts';
import type { Anomaly } from './history.ts';

type PartitionEvent = Extract<GroupEvent, { readonly log: string }>;

/**
 * I8, of what the world saw: a partition is granted anew only when its owner has given it up or is
 * gone; only who owns it comes to hold it, and only until it gives it up; only its commits count,
 * and those of nobody while nobody owns it. A committed offset moves by commits alone, and goes back
 * only if somebody asked for it who is no member.
 */
export const oneOwner: Rule = ({ history: { groups } }) => {
  const ledger = new GroupLedger();
  const unasked = unaskedFor(groups.commits);
  const found: Anomaly[] = [];
  for (const event of groups.events) {
    if ('log' in event) {
      for (const [rule, what] of wrongIn(ledger, event, unasked)) {
        found.push({ rule, detail: `${event.group} ${event.log} a=${event.a}: ${what}` });
      }
    }
    ledger.apply(event);
  }
  return found;
};

type Wrong = readonly [rule: string, what: string];

function wrongIn(
  ledger: GroupLedger,
  event: PartitionEvent,
  unasked: (event: PartitionEvent) => boolean,
): readonly Wrong[] {
  switch (event.kind) {
    case 'granted':
      return [...grantWrong(ledger, event, event.owner ?? nobody), ...movedBy(ledger, event)];
    case 'set': {
      const before = ledger.partition(event);
      const taken = before.owner !== undefined || event.a !== before.a;
      return [
        ...(taken ? grantWrong(ledger, event, nobody) : []),
        ...(unasked(event) ? [['unasked change', `to ${event.offset}`] as const] : []),
      ];
    }
    case 'delivered':
      return [...holderWrong(ledger, event), ...movedBy(ledger, event)];
    case 'released':
      return [];
    case 'expired':
      return ledger.isFree(event) ? [] : [['two owners', 'expired while it has one']];
    case 'committed':
      return commitWrong(ledger, event);
  }
}

function grantWrong(ledger: GroupLedger, event: PartitionEvent, to: string): readonly Wrong[] {
  const { a, owner } = ledger.partition(event);
  if (event.a <= a) return [['two owners', `granted to ${to} after a=${a}`]];
  if (ledger.isFree(event)) return [];
  return [['two owners', `granted to ${to} while ${owner} has it`]];
}

/** Whether an item says of itself what the grant says. */
function holderWrong(
  ledger: GroupLedger,
  event: Extract<GroupEvent, { readonly kind: 'delivered' | 'committed' }>,
): readonly Wrong[] {
  const { a, owner } = ledger.partition(event);
  if (owner === event.item && a === event.a) {
    const isGone = ledger.group(event).gone.has(event.item);
    return isGone ? [['stale commit', `${event.kind} to ${event.item}, which is gone`]] : [];
  }
  const rule = event.kind === 'committed' ? 'stale commit' : 'two owners';
  return [[rule, `${event.kind} to ${event.item}, while a=${a} is ${owner ?? nobody}'s`]];
}

/** What moves a partition must not move its offset. */
function movedBy(ledger: GroupLedger, event: PartitionEvent): readonly Wrong[] {
  const before = committedIn(ledger.partition(event));
  if (before === event.offset) return [];
  return [['moved offset', `${event.kind} with ${event.offset}, was ${before}`]];
}

function commitWrong(
  ledger: GroupLedger,
  event: Extract<GroupEvent, { readonly kind: 'committed' }>,
): readonly Wrong[] {
  const held = holderWrong(ledger, event);
  const entry = ledger.partition(event).entries.get(event.item);
  if (held.length > 0 || entry === undefined) return held;
  const by = `${event.member} n=${event.n}`;
  if (entry.released) return [['stale commit', `by ${by}, which gave it up`]];
  if (event.n <= entry.n) return [['stale commit', `by ${by}, after n=${entry.n}`]];
  const before = entry.offset ?? 0n;
  if (event.offset !== undefined && event.offset >= before) return [];
  return [['committed offset goes back', `by ${by} from ${before} to ${event.offset}`]];
}

/** Whether nobody who is no member had asked for this by then. */
function unaskedFor(commits: readonly OffsetAttempt[]): (event: PartitionEvent) => boolean {
  const asked = commits.filter(({ by }) => by === nobody);
  return ({ group, log, offset, moment }) =>
    !asked.some(
      (one) =>
        one.group === group &&
        (one.unclear === true || one.offset === offset) &&
        (one.log ?? log) === log &&
        one.invoked < moment &&
        one.outcome !== 'failed',
    );
}
