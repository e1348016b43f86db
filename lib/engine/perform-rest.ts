import type { KeyReply, KeyRequest } from '../core/keyed/reserve-key.ts';
import type { LeaseReply, LeaseRequest } from '../core/lease/lease-machine.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import type { MarkOutcomes, MarkReply, MarkRequest } from '../core/topic/mark-topic.ts';
import type { PurgeReply, PurgeRequest } from '../core/topic/purge-partition.ts';
import type { TopicReply, TopicRequest } from '../core/topic/put-topic.ts';
import type { Topic } from '../core/topic/topic.ts';
import type { Environment } from '../ports/environment.ts';
import type { Condition, Item } from '../ports/metadata-table.ts';
import { done } from '../ports/outcome.ts';
import type { ReadOutcome, WriteOutcome } from '../ports/outcome.ts';
import { encodeDue } from '../store/due.ts';
import { encodeGoneTopic } from '../store/gone-topic.ts';
import { decodeKeyedRequest, encodeKeyedRequest } from '../store/keyed-request.ts';
import { decodeLease, encodeLease, leaseKey } from '../store/lease.ts';
import { partitionPk } from '../store/partition-pk.ts';
import { decodeSlot, restRanges, slotRange, stubItem } from '../store/slot.ts';
import { encodeTopic, topicAt, topicKey } from '../store/topic.ts';
import { mapItem, mapRead, queryAll } from './outcomes.ts';
import { together } from './together.ts';

/** Absent for a first version, else the version before. */
const onVersion = (version: number): Condition =>
  version === 0 ? { kind: 'absent' } : { kind: 'version', version: version - 1 };

async function waited({ clock, random }: Environment, ms: number): Promise<MarkReply & KeyReply> {
  await clock.sleep(random.next() * ms);
  return { kind: 'wait', outcome: { kind: 'done' } };
}

export async function getTopic(
  { table }: Environment,
  name: string,
): Promise<ReadOutcome<Topic | undefined>> {
  return mapRead(await table.get(topicKey(name), { consistent: true }), topicAt);
}

export async function performMark(env: Environment, request: MarkRequest): Promise<MarkReply> {
  switch (request.kind) {
    case 'get-topic':
      return { kind: 'get-topic', outcome: await getTopic(env, request.name) };
    case 'mark-topic':
      return { kind: 'mark-topic', outcome: await markTopic(env, request) };
    case 'wait':
      return waited(env, request.ms);
  }
}

/** The item that a change replaces: fields of a newer release that we do not know survive. */
async function itemToChange(
  { table }: Environment,
  topic: Topic,
): Promise<ReadOutcome<Item | undefined>> {
  if (topic.version === 0) return done(undefined);
  const before = await table.get(topicKey(topic.name), { consistent: true });
  const isFree = before.kind === 'done' && before.value !== undefined && !topicAt(before.value);
  return isFree ? done(undefined) : before;
}

async function markTopic(
  env: Environment,
  { topic, gone, due }: Extract<MarkRequest, { kind: 'mark-topic' }>,
): Promise<MarkOutcomes['mark-topic']> {
  const marked: Topic = { ...topic, deleting: true, version: topic.version + 1 };
  const before = await itemToChange(env, marked);
  if (before.kind !== 'done') return before;
  const item = encodeTopic(marked, before.value);
  return env.table.transact([
    { kind: 'put', item, condition: onVersion(marked.version) },
    { kind: 'put', item: encodeGoneTopic(gone), condition: { kind: 'absent' } },
    { kind: 'put', item: encodeDue(due), condition: { kind: 'any' } },
  ]);
}

export async function performPut(env: Environment, request: TopicRequest): Promise<TopicReply> {
  if (request.kind === 'wait') return waited(env, request.ms);
  const { topic } = request;
  const before = await itemToChange(env, topic);
  if (before.kind !== 'done') return { kind: 'put-topic', outcome: before };
  const item = encodeTopic(topic, before.value);
  const outcome = await env.table.put(item, onVersion(topic.version));
  return { kind: 'put-topic', outcome: mapItem(outcome, topicAt) };
}

export async function performKey(env: Environment, request: KeyRequest): Promise<KeyReply> {
  if (request.kind === 'wait') return waited(env, request.ms);
  const { keyed } = request;
  const outcome = await env.table.put(encodeKeyedRequest(keyed), onVersion(keyed.version));
  return { kind: 'put-key', outcome: mapItem(outcome, decodeKeyedRequest) };
}

/** `stop` ends a watch early: the deadline of the machine must be over with it. */
export async function performLease(
  env: Environment,
  request: LeaseRequest,
  stop?: AbortSignal,
): Promise<LeaseReply> {
  switch (request.kind) {
    case 'get-lease': {
      const read = await env.table.get(leaseKey(request.name), { consistent: true });
      return { kind: 'get-lease', outcome: mapRead(read, decodeLease) };
    }
    case 'put-lease': {
      const { lease } = request;
      const outcome = await env.table.put(encodeLease(lease), onVersion(lease.version));
      return { kind: 'put-lease', outcome: mapItem(outcome, decodeLease) };
    }
    case 'watch':
      await env.clock.sleep(request.ms, stop);
      return { kind: 'watch', outcome: { kind: 'done' } };
  }
}

export async function performPurge(
  env: Environment,
  request: PurgeRequest,
  ringSlots: number,
): Promise<PurgeReply> {
  switch (request.kind) {
    case 'query-slots': {
      const { log, from, to } = request;
      const found = await queryAll(env.table, partitionPk(log), slotRange(from, to));
      const outcome =
        found.kind === 'done' ? done(found.value.map((item) => decodeSlot(log, item))) : found;
      return { kind: 'query-slots', outcome };
    }
    case 'put-stub': {
      const { log, over } = request;
      const condition = { kind: 'version', version: over } as const;
      const outcome = await env.table.put(stubItem(log, over % ringSlots), condition);
      const decoded = mapItem(outcome, (item) => decodeSlot(log, item));
      return { kind: 'put-stub', outcome: decoded };
    }
    case 'delete-rest':
      return { kind: 'delete-rest', outcome: await deleteRest(env, request.log) };
    case 'wait':
      return waited(env, request.ms);
  }
}

/** Each item on the version that was read: what came later is looked at again. */
async function deleteRest(
  { table }: Environment,
  log: PartitionKey,
): Promise<WriteOutcome<undefined>> {
  for (const range of restRanges) {
    const found = await queryAll(table, partitionPk(log), range);
    if (found.kind !== 'done') return found;
    const outcomes = await together(
      found.value.map(({ pk, sk, version }) =>
        table.delete({ pk, sk }, { kind: 'version', version }),
      ),
    );
    for (const outcome of outcomes) {
      if (outcome.kind === 'done') continue;
      if (outcome.kind !== 'condition-failed') return outcome;
      if (outcome.item !== undefined) return { kind: 'unavailable', cause: 'changed meanwhile' };
    }
  }
  return done(undefined);
}
