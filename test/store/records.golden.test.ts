import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { genesis } from '../../lib/core/log/head.ts';
import type { Item } from '../../lib/ports/metadata-table.ts';
import { must } from '../../lib/std/assert.ts';
import { commandId, offset, producerId, topicId } from '../../lib/std/brands.ts';
import { decodeDue, encodeDue } from '../../lib/store/due.ts';
import { decodeGoneTopic, encodeGoneTopic } from '../../lib/store/gone-topic.ts';
import { decodeListedGroup, encodeListedGroup } from '../../lib/store/group-listing.ts';
import { decodeMember, encodeMember } from '../../lib/store/group-member.ts';
import { decodeOwnership, encodeOwnership } from '../../lib/store/group-ownership.ts';
import { decodeGroupState, encodeGroupState } from '../../lib/store/group-state.ts';
import { decodeTarget, encodeTarget } from '../../lib/store/group-target.ts';
import { decodeHint, encodeHint } from '../../lib/store/hint.ts';
import { decodeInstance, encodeInstance } from '../../lib/store/instance.ts';
import { decodeKeyedRequest, encodeKeyedRequest } from '../../lib/store/keyed-request.ts';
import { decodeLease, encodeLease } from '../../lib/store/lease.ts';
import { decodeProducer, encodeProducer } from '../../lib/store/producer.ts';
import { decodeSlot, encodeSlot, stubItem } from '../../lib/store/slot.ts';
import { decodeGroup, encodeGroup } from '../../lib/store/spill-group.ts';
import {
  decodeCluster,
  decodeStageEpoch,
  encodeCluster,
  encodeStageEpoch,
} from '../../lib/store/system.ts';
import { decodeTopic, encodeTopic } from '../../lib/store/topic.ts';
import {
  listedEmpty,
  listedGroup,
  nobodysOwnership,
  sampleMember,
  sampleOwnership,
  sampleState,
  sampleTarget,
  staticMember,
} from './group-samples.ts';
import { assignedInstance, sampleInstance } from './instance-samples.ts';
import {
  everyCommand,
  fullHead,
  log,
  sampleGroup,
  sampleProducer,
  slotOf,
  typicalHead,
} from './samples.ts';

/*
 * Items as releases have written them. Formats freeze at the first tagged release; until then
 * GOLDEN=write writes the files anew, for a reason that the commit gives.
 */

interface Sample {
  readonly item: Item;
  /** What the item says. */
  readonly value: unknown;
  readonly decode: (item: Item) => unknown;
}

function sample<T>(value: T, item: Item, decode: (item: Item) => T): Sample {
  return { item, value, decode };
}

const slotSample = (position: number, value: ReturnType<typeof slotOf>): Sample =>
  sample<unknown>(value, encodeSlot(log, position, value), (item) => decodeSlot(log, item));

const id = topicId('Zm9vYmFyYmF6cXV4MTIzNA');
const topic = {
  name: 'orders.v1',
  id,
  partitions: 12,
  configs: { 'retention.ms': '-1', 'cleanup.policy': 'compact,delete' },
  deleting: false,
  version: 3,
};
const parts = [0, 7].map((partition) => ({
  partition,
  command: commandId(`aabbcc000000000${partition}`),
  walk: { seq: 91_250, offset: offset(9_165_000n) },
}));
const split = {
  scope: id,
  bodyHash: 'ab'.repeat(32),
  partitionCount: 12,
  sticky: 7,
  atMs: 1_750_000_000_000,
  parts,
};
const reserved = { ...split, key: 'order 42/ä', offsets: undefined, version: 0 };
const decided = { ...reserved, offsets: [offset(9_165_001n), undefined], version: 1 };
const lease = {
  name: 'rollup',
  owner: 'p1',
  address: '',
  epoch: 4,
  durationMs: 15_000,
  version: 9,
};

const samples: Readonly<Record<string, Readonly<Record<string, Sample>>>> = {
  slot: {
    first: slotSample(0, slotOf(genesis, [])),
    'every kind of command': slotSample(50, slotOf(typicalHead, everyCommand)),
    'full snapshot': slotSample(
      50,
      slotOf(
        fullHead((i) => BigInt(i * 1_000)),
        [],
      ),
    ),
    'closed snapshot': slotSample(50, slotOf({ ...typicalHead, closed: true }, [])),
    stub: sample<unknown>('stub', stubItem(log, 3), (item) => decodeSlot(log, item)),
  },
  'spill-group': {
    'every kind of run and verdict': sample(sampleGroup, encodeGroup(log, sampleGroup), (item) =>
      decodeGroup(log, item),
    ),
  },
  hint: { hint: sample(91_250, encodeHint(log, 91_250), decodeHint) },
  producer: {
    'five batches': sample(
      sampleProducer,
      encodeProducer(log, sampleProducer, 91_250),
      decodeProducer,
    ),
    'no batch': sample(
      { ...sampleProducer, producerId: producerId(2n ** 63n - 1n), batches: [] },
      encodeProducer(
        log,
        { ...sampleProducer, producerId: producerId(2n ** 63n - 1n), batches: [] },
        0,
      ),
      decodeProducer,
    ),
  },
  topic: { topic: sample(topic, encodeTopic(topic), decodeTopic) },
  'gone-topic': {
    gone: sample(
      { id, name: topic.name, partitions: 12, version: 0 },
      encodeGoneTopic({ id, name: topic.name, partitions: 12, version: 0 }),
      decodeGoneTopic,
    ),
  },
  due: {
    deletion: sample(
      { dueMs: 1_790_000_000_000, what: `delete-topic#${id}`, version: 0 },
      encodeDue({ dueMs: 1_790_000_000_000, what: `delete-topic#${id}`, version: 0 }),
      decodeDue,
    ),
  },
  'keyed-request': {
    reserved: sample(reserved, encodeKeyedRequest(reserved), decodeKeyedRequest),
    decided: sample(decided, encodeKeyedRequest(decided), decodeKeyedRequest),
    'long key': sample(
      { ...reserved, key: 'ä'.repeat(256) },
      encodeKeyedRequest({ ...reserved, key: 'ä'.repeat(256) }),
      decodeKeyedRequest,
    ),
  },
  lease: { lease: sample(lease, encodeLease(lease), decodeLease) },
  system: {
    stage: sample(
      { epoch: 412, version: 412 },
      encodeStageEpoch({ epoch: 412, version: 412 }),
      decodeStageEpoch,
    ),
    cluster: sample(
      { clusterId: id, featureLevel: 1, version: 0 },
      encodeCluster({ clusterId: id, featureLevel: 1, version: 0 }),
      decodeCluster,
    ),
  },
  'group-listing': {
    'with members': sample(listedGroup, encodeListedGroup(listedGroup), decodeListedGroup),
    empty: sample(listedEmpty, encodeListedGroup(listedEmpty), decodeListedGroup),
  },
  'group-state': { state: sample(sampleState, encodeGroupState(sampleState), decodeGroupState) },
  'group-ownership': {
    owned: sample(sampleOwnership, encodeOwnership(sampleOwnership), decodeOwnership),
    "nobody's": sample(nobodysOwnership, encodeOwnership(nobodysOwnership), decodeOwnership),
  },
  'group-target': {
    'one part': sample<unknown>(
      sampleTarget,
      must(encodeTarget(sampleTarget)[0], 'the first part'),
      (item) => decodeTarget([item]),
    ),
  },
  instance: {
    'all kinds of positions': sample(
      sampleInstance,
      encodeInstance(sampleInstance),
      decodeInstance,
    ),
    'assigned, closing': sample(assignedInstance, encodeInstance(assignedInstance), decodeInstance),
  },
  'group-member': {
    'all kinds of entries': sample(sampleMember, encodeMember(sampleMember), decodeMember),
    'static, gone': sample(staticMember, encodeMember(staticMember), decodeMember),
  },
};

interface GoldenItem extends Omit<Item, 'body' | 'appended'> {
  /** Hex digits, of the appended entries too. */
  readonly body: string;
  readonly appended: readonly string[];
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const toGolden = (item: Item): GoldenItem => ({
  ...item,
  body: hexOf(item.body),
  appended: item.appended.map(hexOf),
});
const fromGolden = (item: GoldenItem): Item => ({
  ...item,
  body: Buffer.from(item.body, 'hex'),
  appended: item.appended.map((entry) => Buffer.from(entry, 'hex')),
});

test.each(Object.entries(samples))('%s is written and read as ever', (record, of) => {
  const file = new URL(`golden/${record}.json`, import.meta.url);
  const entries = Object.entries(of);
  const written = Object.fromEntries(entries.map(([name, { item }]) => [name, toGolden(item)]));
  if (process.env['GOLDEN'] === 'write') {
    writeFileSync(file, `${JSON.stringify(written, undefined, 2)}\n`);
  }
  const golden = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, GoldenItem>>;
  expect(written).toEqual(golden);
  for (const [name, { value, decode }] of entries) {
    const item = golden[name];
    expect(item && decode(fromGolden(item)), name).toStrictEqual(value);
  }
});
