import { refused } from './change.ts';
import type { Refused } from './change.ts';
import { byName, byTopic, partitionName, returnedTo } from './instance.ts';
import type { Instance, NamedPartition, Position } from './instance.ts';

export interface Begun {
  readonly kind: 'begun';
  /** With what was acknowledged. */
  readonly instance: Instance;
  /** The last poll is returned again. */
  readonly repeats: boolean;
}

/**
 * `ack`: the id of the last poll that arrived, 0 before the first; undefined: what was returned
 * counts as arrived, as with the REST proxies.
 */
export function beginPoll(instance: Instance, ack: number | undefined): Begun | Refused {
  if (instance.reads.kind === 'nothing') {
    return refused(
      'illegal-state',
      'expected an instance with a subscription or an assignment, got one without: subscribe first',
    );
  }
  const { pollId } = instance;
  if (ack === undefined || ack === pollId) {
    return { kind: 'begun', instance: acknowledged(instance), repeats: false };
  }
  if (ack === pollId - 1) {
    // What it returned may since be another's to return.
    const repeats = instance.partitions.some((one) => one.unacknowledged !== undefined);
    return { kind: 'begun', instance, repeats };
  }
  const expected = pollId === 0 ? '0' : `${pollId}, the last poll, or ${pollId - 1}, to repeat it`;
  return refused('malformed', `expected ack=${expected}; got ack=${ack}`);
}

function acknowledged(instance: Instance): Instance {
  const partitions = instance.partitions.map((one) =>
    one.unacknowledged === undefined ? one : { ...one, unacknowledged: undefined },
  );
  return { ...instance, partitions };
}

export interface OffsetOf extends NamedPartition {
  readonly offset: bigint;
}

/** What polls returned and nobody has committed. */
export const uncommitted = (positions: readonly Position[]): readonly OffsetOf[] =>
  positions.flatMap((position) => {
    const offset = returnedTo(position);
    if (offset === undefined || offset === position.committed) return [];
    return [{ topic: position.topic, partition: position.partition, offset }];
  });

/** What is to be committed by itself now. */
export function autoCommitOf(instance: Instance, nowMs: number): readonly OffsetOf[] {
  const { autoCommit, autoCommitIntervalMs } = instance.config;
  const isDue = autoCommit && nowMs - instance.autoCommitMs >= autoCommitIntervalMs;
  return isDue ? uncommitted(instance.partitions) : [];
}

/** These offsets are the group's. */
export function withCommitted(instance: Instance, offsets: readonly OffsetOf[]): Instance {
  const named = byName(offsets);
  const partitions = instance.partitions.map((one) => {
    const found = named.get(partitionName(one));
    return found === undefined ? one : { ...one, committed: found.offset };
  });
  return { ...instance, partitions };
}

/**
 * Orders the commits of an instance. Offsets that a version says have its odd number; offsets that a
 * caller says are put under a version of their own, and have its even number.
 */
export const commitNumberOf = ({ version }: Instance, of: 'version' | 'caller'): number =>
  version * 2 + (of === 'version' ? 1 : 0);

/** One of a heartbeat's partitions. */
export interface Grant extends NamedPartition {
  readonly grantedIn: number;
  readonly committed?: { readonly offset: bigint };
}

/** What the group says that it owns. `revoked`: it has to give up, and has not been told before. */
export function withGrants(
  instance: Instance,
  epoch: number,
  grants: readonly Grant[],
): { readonly instance: Instance; readonly revoked: readonly Position[] } {
  const before = byName(instance.partitions);
  const positions = grants.map((grant): Position => {
    const { topic, partition, grantedIn } = grant;
    const committed = grant.committed?.offset;
    const known = before.get(partitionName(grant));
    if (known?.grantedIn === grantedIn) return { ...known, committed };
    const next = committed ?? 'reset';
    return { topic, partition, grantedIn, next, committed, unacknowledged: undefined };
  });
  const partitions = positions.toSorted(byTopic);
  const granted = byName(partitions);
  const revoked = instance.partitions.filter((one) => !granted.has(partitionName(one)));
  const member = instance.member && { ...instance.member, epoch };
  const isOther =
    partitions.length !== instance.partitions.length ||
    partitions.some((one, i) => one.grantedIn !== instance.partitions[i]?.grantedIn);
  const turn = isOther ? 0 : instance.turn;
  return { instance: { ...instance, member, partitions, turn }, revoked };
}

/** It is no member any more: it joins as another one, and has nothing. */
export const rejoining = (instance: Instance, memberId: string): Instance => ({
  ...instance,
  member: { id: memberId, epoch: 0 },
  partitions: [],
  turn: 0,
});

/** Where the group is in what was assigned by hand, for those who do not know yet. */
export function withOffsets(
  instance: Instance,
  offsets: readonly (NamedPartition & { readonly committed?: { readonly offset: bigint } })[],
): Instance {
  const named = byName(offsets);
  const partitions = instance.partitions.map((one): Position => {
    if (one.next !== 'committed') return one;
    const committed = named.get(partitionName(one))?.committed?.offset;
    return { ...one, next: committed ?? 'reset', committed };
  });
  return { ...instance, partitions };
}

/** The log no longer holds these positions. */
export function withReset(instance: Instance, lost: readonly NamedPartition[]): Instance {
  const named = byName(lost);
  const partitions = instance.partitions.map((one): Position =>
    named.has(partitionName(one)) ? { ...one, next: 'reset', unacknowledged: undefined } : one,
  );
  return { ...instance, partitions };
}

export interface ToFetch extends NamedPartition {
  readonly offset: bigint | 'beginning' | 'end';
  /** Of a poll that is repeated: where it ended. */
  readonly before?: bigint;
}

/** What to fetch, in the order of service; or that nothing says where to begin. */
export function toFetch(
  { partitions, turn, config }: Instance,
  repeats: boolean,
): readonly ToFetch[] | Refused {
  if (repeats) {
    return partitions.flatMap(({ topic, partition, next, unacknowledged }) =>
      unacknowledged === undefined || typeof next !== 'bigint'
        ? []
        : [{ topic, partition, offset: unacknowledged, before: next }],
    );
  }
  const all = [...partitions.slice(turn), ...partitions.slice(0, turn)];
  const lost = all.find(({ next }) => typeof next !== 'bigint');
  if (lost !== undefined && config.reset === 'none') {
    return refused(
      'out-of-range',
      `expected an offset that is committed and within the log, got none with auto.offset.reset=none: seek first topic=${lost.topic} partition=${lost.partition}`,
    );
  }
  const start = config.reset === 'earliest' ? 'beginning' : 'end';
  return all.map(({ topic, partition, next }) => {
    const offset = typeof next === 'bigint' ? next : start;
    return { topic, partition, offset };
  });
}

/** What a poll returns of a partition. */
export interface Taken extends NamedPartition {
  readonly from: bigint;
  /** Of the next record. */
  readonly next: bigint;
  /** False: nothing, though its position may be another than before. */
  readonly hasRecords: boolean;
}

/** The instance after a poll that returns this. `byId`: until it is acknowledged, again. */
export function finishPoll(instance: Instance, taken: readonly Taken[], byId: boolean): Instance {
  const found = byName(taken);
  const partitions = instance.partitions.map((one): Position => {
    const took = found.get(partitionName(one));
    if (took === undefined) return one;
    const unacknowledged = byId && took.hasRecords ? took.from : undefined;
    return { ...one, next: took.next, unacknowledged };
  });
  const last = taken.findLast(({ hasRecords }) => hasRecords);
  if (last === undefined) return { ...instance, partitions };
  const turn = (partitions.findIndex((one) => byTopic(one, last) === 0) + 1) % partitions.length;
  const pollId = byId ? instance.pollId + 1 : instance.pollId;
  return { ...instance, partitions, turn, pollId };
}

/** Whether there is anything to put. */
export function isChanged(before: Instance, after: Instance): boolean {
  return (
    before.member?.id !== after.member?.id ||
    before.member?.epoch !== after.member?.epoch ||
    before.turn !== after.turn ||
    before.pollId !== after.pollId ||
    before.autoCommitMs !== after.autoCommitMs ||
    before.partitions.length !== after.partitions.length ||
    after.partitions.some((one, i) => isMoved(before.partitions[i], one))
  );
}

const isMoved = (before: Position | undefined, after: Position): boolean =>
  before === undefined ||
  byTopic(before, after) !== 0 ||
  before.grantedIn !== after.grantedIn ||
  before.next !== after.next ||
  before.committed !== after.committed ||
  before.unacknowledged !== after.unacknowledged;

/** An instance that is used says so this often within its time. */
const touchesPerTimeout = 10;

export const isToBeTouched = ({ touchedMs, config }: Instance, nowMs: number): boolean =>
  nowMs - touchedMs >= config.timeoutMs / touchesPerTimeout;
