import { refused } from './change.ts';
import type { Decision, Refused } from './change.ts';
import { instanceBounds } from './bounds.ts';
import type { InstanceConfig } from './config.ts';
import { byName, byTopic, partitionName } from './instance.ts';
import type { Instance, NamedPartition, Position, Reads } from './instance.ts';

/** The instance, or that there is none. One that is being deleted is none. */
export function present(
  found: Instance | undefined,
  name: string,
): { readonly kind: 'present'; readonly instance: Instance } | Refused {
  if (found !== undefined && !found.closing) return { kind: 'present', instance: found };
  return refused(
    'no-instance',
    `expected an instance that was created and is in use, got instance=${name}: create it anew`,
  );
}

export function create(
  found: Instance | undefined,
  names: { readonly group: string; readonly name: string },
  config: InstanceConfig,
  nowMs: number,
): Decision<undefined> {
  if (found !== undefined && !found.closing) {
    return refused('name-taken', `expected a name that is free, got name=${names.name}`);
  }
  const instance: Instance = {
    ...names,
    config,
    touchedMs: nowMs,
    reads: { kind: 'nothing' },
    member: undefined,
    partitions: [],
    turn: 0,
    pollId: 0,
    autoCommitMs: nowMs,
    closing: false,
    by: '',
    version: 0,
  };
  return { kind: 'put', instance, told: undefined };
}

/** What a subscription may say: `topics` are not empty. */
export type Subscription = Extract<Reads, { kind: 'topics' | 'pattern' }>;

/** `memberId`: of the member that it has from now on, if it has none yet. */
export function subscribe(
  instance: Instance,
  reads: Subscription,
  memberId: string,
): Decision<undefined> {
  const { kind } = instance.reads;
  if (kind !== 'nothing' && kind !== reads.kind) {
    return refused(
      'illegal-state',
      `expected one of topics, topic_pattern and assignment, got ${reads.kind} with ${kind}: delete the subscription first`,
    );
  }
  const length = reads.kind === 'pattern' ? [reads.pattern] : reads.topics;
  const bytes = length.reduce((sum, text) => sum + Buffer.byteLength(text, 'utf8') + 1, 0);
  if (bytes > instanceBounds.readsBytesMax) {
    const max = instanceBounds.readsBytesMax;
    return refused('malformed', `expected topics of at most ${max} bytes together, got ${bytes}`);
  }
  const member = instance.member ?? { id: memberId, epoch: 0 };
  return { kind: 'put', instance: { ...instance, reads, member }, told: undefined };
}

/** A member stays in it until it has left. */
export function unsubscribe(instance: Instance): Decision<undefined> {
  const { reads, member } = instance;
  if (reads.kind === 'nothing') return { kind: 'keep', told: undefined };
  const partitions = member === undefined ? [] : instance.partitions;
  const next: Instance = { ...instance, reads: { kind: 'nothing' }, partitions };
  return { kind: 'put', instance: next, told: undefined };
}

/** After its member has left. */
export function left(instance: Instance, memberId: string): Decision<undefined> {
  if (instance.member?.id !== memberId || instance.reads.kind !== 'nothing') {
    return { kind: 'keep', told: undefined };
  }
  const next: Instance = { ...instance, member: undefined, partitions: [], turn: 0 };
  return { kind: 'put', instance: next, told: undefined };
}

/** Who was assigned a partition before goes on in it where it is. */
export function assign(
  instance: Instance,
  partitions: readonly NamedPartition[],
): Decision<undefined> {
  const { reads } = instance;
  if (reads.kind === 'topics' || reads.kind === 'pattern') {
    return refused(
      'illegal-state',
      'expected one of subscription and assignment, got an assignment with a subscription: delete the subscription first',
    );
  }
  if (partitions.length > instanceBounds.partitionsMax) {
    const max = instanceBounds.partitionsMax;
    return refused('malformed', `expected at most ${max} partitions, got ${partitions.length}`);
  }
  const before = byName(reads.kind === 'assigned' ? instance.partitions : []);
  const positions = partitions.map(
    ({ topic, partition }): Position =>
      before.get(partitionName({ topic, partition })) ?? {
        topic,
        partition,
        grantedIn: 0,
        next: 'committed',
        committed: undefined,
        unacknowledged: undefined,
      },
  );
  const kind = positions.length === 0 ? 'nothing' : 'assigned';
  const next = { ...instance, member: undefined, partitions: inOrder(positions), turn: 0 };
  return (
    tooManyTopics(next) ?? { kind: 'put', instance: { ...next, reads: { kind } }, told: undefined }
  );
}

/** More names than its item holds. */
export function tooManyTopics({ partitions }: Instance): Refused | undefined {
  const topics = new Set(partitions.map(({ topic }) => topic));
  const bytes = [...topics].reduce((sum, topic) => sum + topic.length + 4, 0);
  const max = instanceBounds.topicsBytesMax;
  if (bytes <= max) return undefined;
  return refused(
    'malformed',
    `expected topics whose names have at most ${max} bytes, got ${bytes}: read them by several groups`,
  );
}

/** In the order of `byTopic`, each once. */
function inOrder(positions: readonly Position[]): readonly Position[] {
  const sorted = positions.toSorted(byTopic);
  return sorted.filter((one, i) => i === 0 || byTopic(sorted[i - 1] as Position, one) !== 0);
}

/** Who names a partition must mean one that is the instance's to read. */
export function checkAssigned(
  instance: Instance,
  partitions: readonly NamedPartition[],
): Refused | undefined {
  const owned = byName(instance.reads.kind === 'nothing' ? [] : instance.partitions);
  const stray = partitions.find((one) => !owned.has(partitionName(one)));
  if (stray === undefined) return undefined;
  return refused(
    'illegal-state',
    `expected a partition that is assigned to the instance, got another: poll, then see its assignments topic=${stray.topic} partition=${stray.partition}`,
  );
}

export function seek(
  instance: Instance,
  offsets: readonly (NamedPartition & { readonly offset: bigint })[],
): Decision<undefined> {
  const stray = checkAssigned(instance, offsets);
  if (stray !== undefined) return stray;
  const named = byName(offsets);
  const partitions = instance.partitions.map((one): Position => {
    const to = named.get(partitionName(one));
    return to === undefined ? one : { ...one, next: to.offset, unacknowledged: undefined };
  });
  return { kind: 'put', instance: { ...instance, partitions }, told: undefined };
}

/** From now on it is there for its deletion alone. */
export function close(instance: Instance): Decision<undefined> {
  if (instance.closing) return { kind: 'keep', told: undefined };
  return { kind: 'put', instance: { ...instance, closing: true }, told: undefined };
}

/** A new version, whose number orders what is committed for it. */
export const numbered = (instance: Instance): Decision<undefined> => ({
  kind: 'put',
  instance,
  told: undefined,
});
