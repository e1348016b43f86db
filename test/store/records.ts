import * as fc from 'fast-check';
import type { Target } from '../../lib/core/group/group.ts';
import type { ItemKey, Item } from '../../lib/ports/metadata-table.ts';
import { must } from '../../lib/std/assert.ts';
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
import { decodeSlot, encodeSlot } from '../../lib/store/slot.ts';
import { decodeGroup, encodeGroup } from '../../lib/store/spill-group.ts';
import {
  decodeCluster,
  decodeStageEpoch,
  encodeCluster,
  encodeStageEpoch,
} from '../../lib/store/system.ts';
import { decodeTopic, encodeTopic } from '../../lib/store/topic.ts';
import * as arbitrary from './arbitraries.ts';
import * as groups from './group-arbitraries.ts';
import { instances } from './instance-samples.ts';
import * as rest from './json-arbitraries.ts';

/** One record on its way through the store. */
export interface Stored {
  readonly value: unknown;
  readonly item: Item;
  readonly decode: (item: Item) => unknown;
}

export interface RecordType {
  readonly name: string;
  readonly stored: fc.Arbitrary<Stored>;
  readonly json: boolean;
}

/** Encodes only when asked for, so that a failure shows the value. */
function stored<T>(value: T, item: () => Item, decode: (item: Item) => T): Stored {
  return {
    value,
    decode,
    get item() {
      return item();
    },
  };
}

function json<T>(
  name: string,
  values: fc.Arbitrary<T>,
  encode: (value: T) => Item,
  decode: (item: Item) => T,
): RecordType {
  return {
    name,
    json: true,
    stored: values.map((value) => stored(value, () => encode(value), decode)),
  };
}

const { logs } = arbitrary;
const at = fc.integer({ min: 0, max: 63 });

/** Every record type that lib/store has a file for. */
export const recordTypes: readonly RecordType[] = [
  {
    name: 'slot',
    json: false,
    stored: logs.chain((log) =>
      fc.tuple(arbitrary.slots(log), at).map(([slot, position]) =>
        stored<unknown>(
          slot,
          () => encodeSlot(log, position, slot),
          (item) => decodeSlot(log, item),
        ),
      ),
    ),
  },
  {
    name: 'spill-group',
    json: false,
    stored: logs.chain((log) =>
      arbitrary.groups(log).map((group) =>
        stored(
          group,
          () => encodeGroup(log, group),
          (item) => decodeGroup(log, item),
        ),
      ),
    ),
  },
  {
    name: 'hint',
    json: false,
    stored: fc
      .tuple(logs, arbitrary.numbers(Number.MAX_SAFE_INTEGER))
      .map(([log, seq]) => stored(seq, () => encodeHint(log, seq), decodeHint)),
  },
  {
    name: 'producer',
    json: false,
    stored: fc
      .tuple(logs, arbitrary.producerStates, arbitrary.numbers(Number.MAX_SAFE_INTEGER))
      .map(([log, state, seq]) =>
        stored(state, () => encodeProducer(log, state, seq), decodeProducer),
      ),
  },
  json('topic', rest.topics, encodeTopic, decodeTopic),
  json('gone-topic', rest.goneTopics, encodeGoneTopic, decodeGoneTopic),
  json('due', rest.dues, encodeDue, decodeDue),
  json('keyed-request', rest.keyedRequests, encodeKeyedRequest, decodeKeyedRequest),
  json('lease', rest.leases, encodeLease, decodeLease),
  json('stage-epoch', rest.stageEpochItems, encodeStageEpoch, decodeStageEpoch),
  json('cluster', rest.clusters, encodeCluster, decodeCluster),
  json('group-listing', groups.listedGroups, encodeListedGroup, decodeListedGroup),
  json('group-state', groups.groupStates, encodeGroupState, decodeGroupState),
  json('group-ownership', groups.ownerships, encodeOwnership, decodeOwnership),
  {
    name: 'group-target',
    json: true,
    stored: groups.targets.map((target) =>
      stored(
        target,
        () => must(encodeTarget(target)[0], 'the first part'),
        (item) => decodeTarget([item]) as Target,
      ),
    ),
  },
  {
    name: 'instance',
    json: false,
    stored: instances.map((instance) =>
      stored(instance, () => encodeInstance(instance), decodeInstance),
    ),
  },
  {
    name: 'group-member',
    json: false,
    stored: groups.members.map((member) =>
      stored(member, () => encodeMember(member), decodeMember),
    ),
  },
];

/** Order of bytes, as the table has it. */
export const byBytes = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));

export const isIn = ({ sk }: Pick<ItemKey, 'sk'>, range: { from: string; to: string }): boolean =>
  byBytes(range.from, sk) <= 0 && byBytes(sk, range.to) <= 0;
