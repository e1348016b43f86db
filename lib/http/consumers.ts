import type * as z from 'zod';
import type { InstanceName } from '../broker/instances/instance-types.ts';
import { isPlainName } from '../core/instance/instance.ts';
import type { NamedPartition } from '../core/instance/instance.ts';
import { must } from '../std/assert.ts';
import { jsonReply, segment } from './call.ts';
import type { Call, Reply } from './call.ts';
import type {
  commitBody,
  createInstanceBody,
  positionsBody,
  subscriptionBody,
} from './consumer-schemas.ts';
import { partitionsBody } from './consumer-schemas.ts';
import { HttpFault, malformed, shown } from './faults.ts';
import { parseBody } from './schemas.ts';

/** The consumers of the REST proxies, version 2, but for their records. */

/** The group that the path names. */
function groupOf({ params }: Pick<Call, 'params'>): string {
  const group = must(params['group'], 'group of the path');
  if (isPlainName(group)) return group;
  throw malformed(`expected a group of letters, digits and . _ -, got group=${shown(group)}`);
}

/** The instance that the path names. */
export function instanceOf(call: Pick<Call, 'params'>): InstanceName {
  const group = groupOf(call);
  const name = must(call.params['instance'], 'instance of the path');
  if (isPlainName(name)) return { group, name };
  throw new HttpFault(
    40_403,
    `expected the name of an instance: letters, digits and . _ -, got instance=${shown(name)}`,
  );
}

/** One that came with a body, or without. */
type MaybeCall<Schema extends z.ZodType> = Call<z.output<Schema> | undefined>;

export async function createInstance(call: MaybeCall<typeof createInstanceBody>): Promise<Reply> {
  const group = groupOf(call);
  const { name, ...given } = call.body ?? {};
  if (typeof name === 'string' && !isPlainName(name)) {
    throw malformed(`expected a name of letters, digits and . _ -, got name=${shown(name)}`);
  }
  const { instances } = call.broker;
  const created = await instances.create(group, name ?? undefined, given);
  const base = `${call.request.baseUrl}/consumers/${segment(group)}/instances/${segment(created)}`;
  return jsonReply({ instance_id: created, base_uri: base });
}

export async function deleteInstance(call: Call): Promise<Reply> {
  await call.broker.instances.remove(instanceOf(call));
  return {};
}

export async function subscribe(call: Call<z.output<typeof subscriptionBody>>): Promise<Reply> {
  const { topics, topic_pattern: pattern } = call.body;
  const isBoth = typeof pattern === 'string' && Array.isArray(topics);
  if (isBoth) {
    throw new HttpFault(40_903, 'expected one of topics and topic_pattern, got both: choose one');
  }
  if (typeof pattern !== 'string' && !Array.isArray(topics)) {
    throw malformed('expected topics or topic_pattern, got neither');
  }
  const to = typeof pattern === 'string' ? { pattern } : (topics ?? []);
  await call.broker.instances.subscribe(instanceOf(call), to);
  return {};
}

/** A pattern is told as such: the topics that it matches are the group's to know. */
export async function getSubscription(call: Call): Promise<Reply> {
  const reads = await call.broker.instances.reads(instanceOf(call));
  if (reads.kind === 'pattern') return jsonReply({ topics: [], topic_pattern: reads.pattern });
  return jsonReply({ topics: reads.kind === 'topics' ? reads.topics : [] });
}

export async function unsubscribe(call: Call): Promise<Reply> {
  await call.broker.instances.unsubscribe(instanceOf(call));
  return {};
}

type PartitionsCall = Call<z.output<typeof partitionsBody>>;

export async function assign(call: PartitionsCall): Promise<Reply> {
  await call.broker.instances.assign(instanceOf(call), call.body.partitions);
  return {};
}

export async function getAssignments(call: Call): Promise<Reply> {
  const assigned = await call.broker.instances.assignments(instanceOf(call));
  return jsonReply({ partitions: assigned.map(({ topic, partition }) => ({ topic, partition })) });
}

export async function seek(call: Call<z.output<typeof positionsBody>>): Promise<Reply> {
  await call.broker.instances.seek(instanceOf(call), call.body.offsets);
  return {};
}

export async function seekToBeginning(call: PartitionsCall): Promise<Reply> {
  await call.broker.instances.seekTo(instanceOf(call), 'beginning', call.body.partitions);
  return {};
}

export async function seekToEnd(call: PartitionsCall): Promise<Reply> {
  await call.broker.instances.seekTo(instanceOf(call), 'end', call.body.partitions);
  return {};
}

/** The offsets are those of the last records that were processed, as the proxies have it. */
export async function commit(call: MaybeCall<typeof commitBody>): Promise<Reply> {
  const offsets = call.body?.offsets.map(({ topic, partition, offset, metadata }) => ({
    topic,
    partition,
    offset: offset + 1n,
    ...(typeof metadata === 'string' ? { metadata } : {}),
  }));
  await call.broker.instances.commit(instanceOf(call), offsets);
  return jsonReply({});
}

/** For clients that cannot send a body with GET. */
export async function postCommitted(call: PartitionsCall): Promise<Reply> {
  return committed(call, call.body.partitions);
}

/** Of the partitions in its body, where there is one; else of those that are assigned. */
export async function getCommitted(call: Call): Promise<Reply> {
  const { body } = call.request;
  return committed(
    call,
    body.length === 0 ? undefined : parseBody(partitionsBody, body).partitions,
  );
}

async function committed<Body>(
  call: Call<Body>,
  partitions: readonly NamedPartition[] | undefined,
): Promise<Reply> {
  const found = await call.broker.instances.committed(instanceOf(call), partitions);
  const offsets = found.flatMap(({ topic, partition, committed: of }) =>
    of === undefined ? [] : [{ topic, partition, offset: of.offset, metadata: of.metadata }],
  );
  return jsonReply({ offsets });
}
