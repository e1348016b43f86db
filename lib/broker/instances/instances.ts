import { compilePattern } from '../../core/group/pattern.ts';
import { readConfig } from '../../core/instance/config.ts';
import {
  assign,
  checkAssigned,
  close,
  create,
  present,
  seek,
  subscribe,
  unsubscribe,
} from '../../core/instance/decide.ts';
import type { Subscription } from '../../core/instance/decide.ts';
import type { NamedPartition } from '../../core/instance/instance.ts';
import type { OffsetOf } from '../../core/instance/poll.ts';
import { putInstancesDue } from '../../engine/instance-expiry.ts';
import { together } from '../../engine/together.ts';
import { must } from '../../std/assert.ts';
import type { BrokerContext } from '../context.ts';
import { fetchOffsets } from '../groups/fetch-offsets.ts';
import { listOffset } from '../list-offset.ts';
import { change, changeOne, readOne, refusalOf } from './change.ts';
import { commit } from './commit.ts';
import { InstanceError } from './instance-types.ts';
import type { InstanceName, Instances, TopicsOrPattern } from './instance-types.ts';
import { commitLast, finishLeaving, leave } from './member.ts';
import { Poll } from './poll.ts';

/** Instances on this process's broker, which remembers nothing of them. */
export function createInstances(context: BrokerContext): Instances {
  const { env } = context.engine;
  return {
    async create(group, given, config) {
      const read = readConfig(config);
      if (read.kind === 'malformed') throw new InstanceError('bad-config', read.message);
      const name = given ?? env.ids.object();
      await putInstancesDue(context.engine, group, read.config.timeoutMs);
      await change(context, { group, name }, (found) =>
        create(found, { group, name }, read.config, env.clock.serviceNow()),
      );
      return name;
    },
    remove: (of) => remove(context, of),
    subscribe: (of, to) => subscribeTo(context, of, to),
    unsubscribe: (of) => unsubscribeFrom(context, of),
    reads: async (of) => (await readOne(context, of)).reads,
    async assign(of, partitions) {
      await changeOne(context, of, (instance) => assign(instance, partitions));
    },
    async assignments(of) {
      const { reads, partitions } = await readOne(context, of);
      return reads.kind === 'nothing' ? [] : partitions;
    },
    async seek(of, offsets) {
      await changeOne(context, of, (instance) => seek(instance, offsets));
    },
    seekTo: (of, end, partitions) => seekTo(context, of, end, partitions),
    poll: (of, input) => new Poll(context, of, input).run(),
    commit: (of, offsets) => commit(context, of, offsets),
    async committed(of, named) {
      const { group, partitions } = await readOne(context, of);
      return fetchOffsets(context, { group, partitions: named ?? partitions });
    },
  };
}

async function remove(context: BrokerContext, of: InstanceName): Promise<void> {
  // Whoever finds it half deleted goes on with that.
  const { instance: found } = await change(context, of, (standing) =>
    standing === undefined ? absent(of) : close(standing),
  );
  const instance = must(found, 'an instance that is there');
  await commitLast(context, instance);
  await leave(context, instance);
  await change(context, of, (standing) =>
    standing?.closing === true
      ? { kind: 'delete', told: undefined }
      : { kind: 'keep', told: undefined },
  );
}

function absent({ name }: InstanceName) {
  const there = present(undefined, name);
  if (there.kind === 'refused') return there;
  throw new Error('nothing is present');
}

async function subscribeTo(
  context: BrokerContext,
  of: InstanceName,
  to: TopicsOrPattern,
): Promise<void> {
  const reads = readsOf(to);
  if (reads === undefined) return unsubscribeFrom(context, of);
  const memberId = `${of.name}-${context.engine.env.ids.object()}`;
  await changeOne(context, of, (instance) => subscribe(instance, reads, memberId));
}

/** Undefined: to nothing. */
function readsOf(to: TopicsOrPattern): Subscription | undefined {
  if (!('pattern' in to)) {
    const topics = [...new Set(to)].toSorted();
    return topics.length === 0 ? undefined : { kind: 'topics', topics };
  }
  const { pattern } = to;
  const compiled = compilePattern(pattern);
  if (compiled.kind === 'malformed') throw new InstanceError('malformed', compiled.message);
  return { kind: 'pattern', pattern };
}

async function unsubscribeFrom(context: BrokerContext, of: InstanceName): Promise<void> {
  const before = await readOne(context, of);
  await finishLeaving(context, await changeOne(context, of, unsubscribe));
  await commitLast(context, before);
}

/** Partitions that are looked up at the same time. */
const waveMax = 16;

/** Where the ends of the logs are now: what is appended after a seek to the end is returned. */
async function seekTo(
  context: BrokerContext,
  of: InstanceName,
  end: 'beginning' | 'end',
  partitions: readonly NamedPartition[],
): Promise<void> {
  const stray = checkAssigned(await readOne(context, of), partitions);
  if (stray !== undefined) throw refusalOf(stray);
  const at = end === 'beginning' ? 'earliest' : 'latest';
  const offsets: OffsetOf[] = [];
  for (let i = 0; i < partitions.length; i += waveMax) {
    const wave = partitions.slice(i, i + waveMax).map(async ({ topic, partition }) => {
      const { offset } = await listOffset(context, { topic, partition, at });
      return { topic, partition, offset };
    });
    offsets.push(...(await together(wave)));
  }
  await changeOne(context, of, (instance) => seek(instance, offsets));
}
