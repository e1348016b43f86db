import type { ProducerId } from '../../../lib/std/brands.ts';
import type { LogConfig } from '../../../lib/core/log/config.ts';
import type { ProducerState } from '../../../lib/core/log/head.ts';
import type { LogReply, LogRequest } from '../../../lib/core/log/requests.ts';
import type { Replayed, Slot, SlotOrStub } from '../../../lib/core/log/slot.ts';
import { replay } from '../../../lib/core/log/slot.ts';
import type { SpillGroup } from '../../../lib/core/log/spill-group.ts';
import { done } from '../../../lib/ports/outcome.ts';

/** Requests of the explorer's own small machines: what the deletion and the sweep will do. */
type OwnRequest =
  /** Puts a stub where a slot lies. */
  | { readonly kind: 'put-stub'; readonly position: number }
  | { readonly kind: 'delete-groups' }
  | { readonly kind: 'raise-stage'; readonly to: number }
  | { readonly kind: 'list-objects'; readonly below: number }
  | { readonly kind: 'list-groups' }
  | { readonly kind: 'delete-objects'; readonly keys: readonly string[] }
  /** Deletes a producer's item if it has expired, on the version read. */
  | { readonly kind: 'forget-producer'; readonly producerId: ProducerId; readonly before: bigint };

export type SimRequest = LogRequest | OwnRequest;

export type SimReply =
  | LogReply
  | {
      readonly kind: OwnRequest['kind'];
      readonly outcome: { readonly kind: string; readonly value?: unknown };
    };

/** One partition as the store holds it, and what no store remembers: everything ever put. */
export interface World {
  readonly ring: readonly (SlotOrStub | undefined)[];
  readonly hint: number | undefined;
  readonly producers: ReadonlyMap<
    ProducerId,
    { readonly state: ProducerState; readonly seq: number }
  >;
  /** In the order of their keys. */
  readonly groups: readonly SpillGroup[];
  /** Epoch and bytes by key. */
  readonly objects: ReadonlyMap<string, { readonly epoch: number; readonly bytes: Uint8Array }>;
  readonly stage: number;
  /** Ghost: slot n as it was last, for all n. */
  readonly history: readonly Replayed[];
  /** Ghost: the topic's groups were deleted. */
  readonly purged: boolean;
}

export const emptyWorld = (config: LogConfig): World => ({
  ring: Array.from({ length: config.ringSlots }, () => undefined),
  hint: undefined,
  producers: new Map(),
  groups: [],
  objects: new Map(),
  stage: 0,
  history: [],
  purged: false,
});

export interface Executed {
  readonly world: World;
  readonly reply: SimReply;
}

/** Does what a store does with a request, at one moment. Names and waits are not for the store. */
export function execute(world: World, request: SimRequest, config: LogConfig): Executed {
  const answer = (reply: SimReply, next: World = world): Executed => ({ world: next, reply });
  switch (request.kind) {
    case 'get-hint':
      return answer({ kind: 'get-hint', outcome: done(world.hint) });
    case 'put-hint': {
      const higher = world.hint === undefined || world.hint < request.seq;
      const reply: SimReply = { kind: 'put-hint', outcome: done(undefined) };
      return answer(reply, higher ? { ...world, hint: request.seq } : world);
    }
    case 'get-slot':
      return answer({ kind: 'get-slot', outcome: done(world.ring[request.position]) });
    case 'query-slots': {
      const range = world.ring.slice(request.from, request.to + 1);
      const slots = range.filter((slot) => slot !== undefined);
      return answer({ kind: 'query-slots', outcome: done(slots) });
    }
    case 'append':
      return append(world, request, config);
    case 'put-slot':
      return putSlot(world, request, config);
    case 'get-producer': {
      const state = world.producers.get(request.producerId)?.state;
      return answer({ kind: 'get-producer', outcome: done(state) });
    }
    case 'put-producer':
      return putProducer(world, request);
    case 'get-group': {
      const { at } = request;
      const below = world.groups.filter(({ from }) => compare(from, at) <= 0);
      return answer({ kind: 'get-group', outcome: done(below.at(-1)) });
    }
    case 'query-groups': {
      const { from, before, limit } = request;
      const within = world.groups.filter(
        (group) => compare(group.from, from) >= 0 && compare(group.from, before) < 0,
      );
      return answer({ kind: 'query-groups', outcome: done(within.slice(0, limit)) });
    }
    case 'put-group':
      return putGroup(world, request);
    case 'put-object':
      return putObject(world, request.key, Buffer.concat(request.bytes));
    case 'put-stub':
    case 'delete-groups':
    case 'raise-stage':
    case 'list-objects':
    case 'list-groups':
    case 'delete-objects':
    case 'forget-producer':
      return executeOwn(world, request);
    default:
      throw new Error(`not for the store: ${request.kind}`);
  }
}

const compare = (a: SpillGroup['from'], b: SpillGroup['from']): number =>
  a.offset === b.offset ? a.seq - b.seq : Number(a.offset - b.offset);

function append(
  world: World,
  { seq, command }: Extract<LogRequest, { kind: 'append' }>,
  config: LogConfig,
): Executed {
  const item = world.ring[seq % config.ringSlots];
  const fits =
    item !== undefined && item !== 'stub' && item.seq === seq && item.bytes <= item.limit;
  if (!fits)
    return { world, reply: { kind: 'append', outcome: { kind: 'condition-failed', item } } };
  const slot: Slot = {
    ...item,
    commands: [...item.commands, command],
    bytes: item.bytes + config.commandBytes(command),
  };
  return { world: withSlot(world, slot, config), reply: { kind: 'append', outcome: done(slot) } };
}

function putSlot(
  world: World,
  { slot, over }: Extract<LogRequest, { kind: 'put-slot' }>,
  config: LogConfig,
): Executed {
  const item = world.ring[slot.seq % config.ringSlots];
  const fits = over === undefined ? item === undefined : item !== 'stub' && item?.seq === over;
  const reply: SimReply = fits
    ? { kind: 'put-slot', outcome: done(undefined) }
    : { kind: 'put-slot', outcome: { kind: 'condition-failed', item } };
  return { world: fits ? withSlot(world, slot, config) : world, reply };
}

function withSlot(world: World, slot: Slot, config: LogConfig): World {
  const ring = [...world.ring];
  ring[slot.seq % config.ringSlots] = slot;
  const history = [...world.history];
  history[slot.seq] = replay(slot, config, history[slot.seq]);
  return { ...world, ring, history };
}

function putProducer(
  world: World,
  { state, seq }: Extract<LogRequest, { kind: 'put-producer' }>,
): Executed {
  const before = world.producers.get(state.producerId);
  if (before !== undefined && before.seq >= seq) {
    const outcome = { kind: 'condition-failed', item: before.state } as const;
    return { world, reply: { kind: 'put-producer', outcome } };
  }
  const producers = new Map(world.producers).set(state.producerId, { state, seq });
  return {
    world: { ...world, producers },
    reply: { kind: 'put-producer', outcome: done(undefined) },
  };
}

function putGroup(world: World, request: Extract<LogRequest, { kind: 'put-group' }>): Executed {
  const { group, floor } = request;
  const same = (other: SpillGroup): boolean => compare(other.from, group.from) === 0;
  const item = world.groups.find(same);
  if (item !== undefined && item.epoch >= floor) {
    return { world, reply: { kind: 'put-group', outcome: { kind: 'condition-failed', item } } };
  }
  const others = world.groups.filter((other) => !same(other));
  const groups = [...others, group].toSorted((a, b) => compare(a.from, b.from));
  return { world: { ...world, groups }, reply: { kind: 'put-group', outcome: done(undefined) } };
}

/** The key of an object begins with the stage epoch that it lies under. */
const epochOf = (key: string): number => Number(key.split('/')[0]);

export function putObject(world: World, key: string, bytes: Uint8Array): Executed {
  if (world.objects.has(key)) {
    const outcome = { kind: 'condition-failed', item: undefined } as const;
    return { world, reply: { kind: 'put-object', outcome } };
  }
  const objects = new Map(world.objects).set(key, { epoch: epochOf(key), bytes });
  return { world: { ...world, objects }, reply: { kind: 'put-object', outcome: done(undefined) } };
}

function executeOwn(world: World, request: OwnRequest): Executed {
  const answer = (next: World, value?: unknown): Executed => ({
    world: next,
    reply: { kind: request.kind, outcome: done(value) },
  });
  switch (request.kind) {
    case 'put-stub': {
      const ring = [...world.ring];
      if (ring[request.position] !== undefined) ring[request.position] = 'stub';
      return answer({ ...world, ring });
    }
    case 'delete-groups':
      return answer({ ...world, groups: [], purged: true });
    case 'raise-stage':
      return answer({ ...world, stage: Math.max(world.stage, request.to) });
    case 'list-objects': {
      const old = [...world.objects].filter(([, { epoch }]) => epoch < request.below);
      return answer(
        world,
        old.map(([key]) => key),
      );
    }
    case 'list-groups':
      return answer(world, world.groups);
    case 'delete-objects': {
      const objects = new Map(world.objects);
      for (const key of request.keys) objects.delete(key);
      return answer({ ...world, objects });
    }
    case 'forget-producer': {
      const item = world.producers.get(request.producerId);
      if (item === undefined || item.state.maxTimestamp >= request.before) return answer(world);
      const producers = new Map(world.producers);
      producers.delete(request.producerId);
      return answer({ ...world, producers });
    }
  }
}
