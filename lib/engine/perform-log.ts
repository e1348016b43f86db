import type { LogConfig } from '../core/log/config.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import type { LogOutcomes, LogReply, LogRequest } from '../core/log/requests.ts';
import type { Slot, SlotOrStub } from '../core/log/slot.ts';
import type { Environment } from '../ports/environment.ts';
import { done } from '../ports/outcome.ts';
import type { Item } from '../ports/metadata-table.ts';
import { offset } from '../std/brands.ts';
import { encodeCommand } from '../store/command-codec.ts';
import { decodeHint, encodeHint, hintKey } from '../store/hint.ts';
import { stageKey } from '../store/object-keys.ts';
import { partitionPk } from '../store/partition-pk.ts';
import { decodeProducer, encodeProducer, producerKey } from '../store/producer.ts';
import { decodeSlot, encodeSlot, slotKey, slotRange } from '../store/slot.ts';
import { decodeGroup, encodeGroup, groupRange, groupVersion } from '../store/spill-group.ts';
import { mapItem, mapRead, queryAll } from './outcomes.ts';
import type { StageEpoch } from './stage-epoch.ts';

export interface LogPorts {
  readonly env: Environment;
  readonly config: LogConfig;
  readonly stage: StageEpoch;
  /** An earlier sight of a log's newest slot: only what was appended since is decoded. */
  readonly lastSlot: (log: PartitionKey) => Slot | undefined;
}

const firstGroup = { offset: offset(0n), seq: 0 };

type Performers = {
  [Kind in LogRequest['kind']]: (
    ports: LogPorts,
    request: Extract<LogRequest, { kind: Kind }>,
  ) => Promise<LogOutcomes[Kind]>;
};

/** What the log's machines ask for, as calls on the ports, through the codecs of the store. */
const performers: Performers = {
  'get-hint': async ({ env }, { log }) =>
    mapRead(await env.table.get(hintKey(log), { consistent: true }), decodeHint),

  'put-hint': async ({ env }, { log, seq }) => {
    const condition = { kind: 'absent-or-below', version: seq } as const;
    return mapItem(await env.table.put(encodeHint(log, seq), condition), decodeHint);
  },

  'get-slot': async (ports, { log, position }) =>
    mapRead(
      await ports.env.table.get(slotKey(log, position), { consistent: true }),
      slotDecoder(ports, log),
    ),

  'query-slots': async (ports, { log, from, to }) => {
    const found = await queryAll(ports.env.table, partitionPk(log), slotRange(from, to));
    const decode = slotDecoder(ports, log);
    return found.kind === 'done' ? done(found.value.map(decode)) : found;
  },

  append: async (ports, { log, seq, command }) => {
    const key = slotKey(log, seq % ports.config.ringSlots);
    const outcome = await ports.env.table.append(key, seq, encodeCommand(log, command));
    const decode = slotDecoder(ports, log);
    if (outcome.kind !== 'done') return mapItem(outcome, decode);
    const slot = decode(outcome.value);
    if (slot === 'stub') throw new Error('a stub takes no appends');
    return done(slot);
  },

  'put-slot': async (ports, { log, slot, over }) => {
    const item = encodeSlot(log, slot.seq % ports.config.ringSlots, slot);
    const condition =
      over === undefined
        ? ({ kind: 'absent' } as const)
        : ({ kind: 'version', version: over } as const);
    return mapItem(await ports.env.table.put(item, condition), slotDecoder(ports, log));
  },

  'get-producer': async ({ env }, { log, producerId }) =>
    mapRead(
      await env.table.get(producerKey(log, producerId), { consistent: true }),
      decodeProducer,
    ),

  'put-producer': async ({ env }, { log, state, seq }) => {
    const condition = { kind: 'absent-or-below', version: seq } as const;
    return mapItem(await env.table.put(encodeProducer(log, state, seq), condition), decodeProducer);
  },

  'get-group': async ({ env }, { log, at }) => {
    const found = await env.table.query(partitionPk(log), groupRange(firstGroup, at), {
      limit: 1,
      reverse: true,
      consistent: true,
    });
    if (found.kind !== 'done') return found;
    const [item] = found.value.items;
    return done(item === undefined ? undefined : decodeGroup(log, item));
  },

  'query-groups': async ({ env }, { log, from, before, limit }) => {
    // Groups adjoin: what begins before this position begins at a lower slot.
    const range = groupRange(from, { offset: before.offset, seq: before.seq - 1 });
    const found = await env.table.query(partitionPk(log), range, { limit, consistent: true });
    if (found.kind !== 'done') return found;
    return done(found.value.items.map((item) => decodeGroup(log, item)));
  },

  'put-group': async ({ env }, { log, group, floor }) => {
    const condition = { kind: 'absent-or-below', version: groupVersion(floor) } as const;
    const outcome = await env.table.put(encodeGroup(log, group), condition);
    return mapItem(outcome, (item) => decodeGroup(log, item));
  },

  'put-object': async ({ env }, { key, bytes }) => {
    const [first] = bytes;
    const whole = bytes.length === 1 && first !== undefined ? first : Buffer.concat(bytes);
    return env.objects.put(key, whole);
  },

  'new-names': async ({ env, stage }, { log, floor }) => {
    const epoch = await stage.atLeast(floor);
    if (epoch.kind !== 'done') return epoch;
    const object = stageKey(epoch.value, log, env.ids.object());
    return done({ id: env.ids.command(), epoch: epoch.value, object });
  },

  wait: async ({ env }, { ms }) => {
    await env.clock.sleep(env.random.next() * ms);
    return done(undefined);
  },
};

export function logPerformer(ports: LogPorts): (request: LogRequest) => Promise<LogReply> {
  return async (request) => {
    // One lookup by kind; the table above relates each request to its own outcome.
    const perform = performers[request.kind] as (
      ports: LogPorts,
      request: LogRequest,
    ) => Promise<LogReply['outcome']>;
    return { kind: request.kind, outcome: await perform(ports, request) } as LogReply;
  };
}

function slotDecoder(ports: LogPorts, log: PartitionKey): (item: Item) => SlotOrStub {
  return (item) => decodeSlot(log, item, ports.lastSlot(log));
}
