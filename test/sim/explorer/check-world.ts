import { apply } from '../../../lib/core/log/apply.ts';
import type { LogConfig } from '../../../lib/core/log/config.ts';
import type { LogRequest } from '../../../lib/core/log/requests.ts';
import { decided, firstOpening, isFull, opening } from '../../../lib/core/log/slot.ts';
import type { Entry, Replayed } from '../../../lib/core/log/slot.ts';
import { buildGroup, runsOf } from '../../../lib/core/log/spill-group.ts';
import type { LogRun, SpillGroup } from '../../../lib/core/log/spill-group.ts';
import { addSequence } from '../../../lib/core/log/head.ts';
import type { RunProducer, Verdict } from '../../../lib/core/log/command.ts';
import type { Offset } from '../../../lib/std/brands.ts';
import { demand } from './violation.ts';
import type { Interner } from './intern.ts';
import type { SimRequest, World } from './world.ts';

/** What processes were told that binds all that comes after, for ever. */
export interface Promises {
  /** Ids that must not be accepted with an object of an epoch below this; ∞: at all. */
  readonly never: ReadonlyMap<string, number>;
  /** The highest end offset that anybody was told. */
  readonly acknowledged: Offset;
  /** Somebody was told that the log is closed. */
  readonly closed: boolean;
}

export interface Checks {
  readonly config: LogConfig;
  readonly interner: Interner;
  /** Somebody reads, so what was acknowledged before counts. */
  readonly reads: boolean;
}

/** What must hold after a store call that changed the world. */
export function checkChange(
  checks: Checks,
  before: World,
  after: World,
  request: SimRequest,
  promises: Promises,
): void {
  if (before === after) return;
  switch (request.kind) {
    case 'put-slot':
      checkPut(checks, before, request);
      break;
    case 'append': {
      const slot = before.history[request.seq]?.slot;
      demand(slot !== undefined && !isFull(slot), 'I3 full is for ever', `seq=${request.seq}`);
      break;
    }
    case 'put-group':
    case 'delete-objects':
      checkReachable(checks, after);
      return;
    default:
      return;
  }
  checkLog(after, promises);
  if (promises.closed) {
    const [had, has] = [runsOfAll(before).length, runsOfAll(after).length];
    demand(had === has, 'closed is for ever', 'accepted after a close that was told');
  }
  checkReachable(checks, after);
}

/** A new slot: what precedes it, what it opens on, and what it overwrites. */
function checkPut(
  { config, interner }: Checks,
  world: World,
  { slot }: Extract<LogRequest, { kind: 'put-slot' }>,
): void {
  const at = `seq=${slot.seq}`;
  demand(world.history[slot.seq] === undefined, 'I3 positions never change', at);
  const previous = world.history[slot.seq - 1];
  demand(slot.seq === 0 || previous !== undefined, 'I2 dense', `no slot before ${at}`);
  if (previous !== undefined) demand(isFull(previous.slot), 'I2 dense', `not full before ${at}`);
  const open = previous === undefined ? firstOpening : opening(previous, config);
  const agrees = interner.number(open.snapshot) === interner.number(slot.snapshot);
  demand(agrees, 'all who advance agree', at);
  for (const { producerId, batches } of open.leaving) {
    const stored = world.producers.get(producerId);
    const kept = stored !== undefined && stored.seq >= slot.seq;
    demand(kept, 'overflow before the advance', `producer=${producerId} batches=${batches.length}`);
  }
  const over = slot.seq - config.ringSlots;
  if (over < 0) return;
  // Published by the commands that the slot itself opens with.
  const { head } = slot.commands.reduce((last, command) => apply(last.head, command, config), {
    head: open.snapshot,
  });
  demand(over < head.spilled.seq, 'only published slots are overwritten', at);
}

/** The log as a whole: ids, sequence numbers, promises. */
function checkLog(world: World, promises: Promises): void {
  const entries = world.history.flatMap(decisive);
  const accepted = new Set<string>();
  for (const { command, verdicts } of entries) {
    if (!verdicts.some(({ kind }) => kind === 'accepted')) continue;
    demand(!accepted.has(command.id), 'I5 no id accepted twice', `id=${command.id}`);
    accepted.add(command.id);
    const floor = promises.never.get(command.id);
    const epoch = command.kind === 'data' ? command.epoch : undefined;
    const broken = floor !== undefined && (epoch === undefined || epoch < floor);
    demand(!broken, 'told not committed, for ever', `id=${command.id}`);
  }
  checkSequences(world);
}

/** Entries that decided something: the first copies. */
export function decisive({ entries }: Replayed): readonly Entry[] {
  return entries.filter((entry) => decided(entries, entry.command.id) === entry);
}

export const runsOfAll = (world: World): readonly LogRun[] => world.history.flatMap(runsOf);

/** I2, I5: offsets without a hole; each batch of a producer once, in order, and none refused. */
function checkSequences(world: World): void {
  const next = new Map<string, number>();
  let end = 0n;
  for (const { command, verdicts } of world.history.flatMap(decisive)) {
    if (command.kind !== 'data') continue;
    for (const [i, { count, producer }] of command.runs.entries()) {
      const verdict = verdicts[i];
      if (verdict?.kind === 'accepted') {
        demand(verdict.baseOffset === end, 'I2 dense', `offset=${verdict.baseOffset} end=${end}`);
        end += BigInt(count);
      }
      if (producer !== undefined && verdict !== undefined) checkSequence(next, producer, verdict);
    }
  }
}

function checkSequence(
  next: Map<string, number>,
  { id, epoch, sequences }: RunProducer,
  verdict: Verdict,
): void {
  const key = `${id}@${epoch}`;
  const expected = next.get(key) ?? 0;
  const follows = sequences[0]?.baseSequence === expected;
  const detail = `producer=${key} sequence=${sequences[0]?.baseSequence} expected=${expected}`;
  if (verdict.kind === 'accepted') {
    demand(follows, 'I5 each batch once, in order', detail);
    for (const { baseSequence, count } of sequences)
      next.set(key, addSequence(baseSequence, count));
    return;
  }
  const isLost =
    verdict.kind === 'refused' &&
    (verdict.reason === 'out-of-order-sequence' || verdict.reason === 'producer-unknown');
  demand(!(follows && isLost), 'I5 what follows is not refused', detail);
}

/** I7 and I10: what the newest head's bounds name is there, and is what was committed. */
function checkReachable({ interner }: Checks, world: World): void {
  const newest = world.history.at(-1);
  if (newest === undefined || world.purged || world.ring.includes('stub')) return;
  const { head } = newest;
  let at = head.sealed;
  while (at.seq < head.spilled.seq) {
    const group = covering(world, at.offset);
    const exact = world.groups.find(({ from }) => from.seq === at.seq && from.offset === at.offset);
    demand(exact !== undefined, 'I10 published groups are there', `seq=${at.seq}`);
    const covers = exact.to.offset <= at.offset || group === exact;
    demand(covers, 'I10 published groups are found', `offset=${at.offset}`);
    const slots = world.history.slice(exact.from.seq, exact.to.seq);
    const rebuilt = buildGroup(slots, exact.epoch, exact.object).group;
    const same = interner.number(rebuilt) === interner.number(exact);
    demand(same, 'I3 a group holds what its slots held', `seq=${at.seq}`);
    checkObjects(world, exact.runs);
    at = exact.to;
  }
  for (let seq = head.spilled.seq; seq < world.history.length; seq += 1) {
    const there = world.ring[seq % world.ring.length];
    const slot = world.history[seq];
    const same = there !== undefined && slot !== undefined && there === slot.slot;
    demand(same, 'I10 what is not published is in the ring', `seq=${seq}`);
    checkObjects(world, runsOf(slot));
  }
}

/** What a query for the highest group at or below an offset finds. */
function covering(world: World, offset: Offset): SpillGroup | undefined {
  return world.groups.findLast(({ from }) => from.offset <= offset);
}

function checkObjects(world: World, runs: readonly LogRun[]): void {
  for (const { content, baseOffset } of runs) {
    if (content.kind !== 'run' || content.run.place.kind !== 'object') continue;
    const { key } = content.run.place;
    const bytes = bytesOf(world, content.run.place);
    const right = bytes !== undefined && bytes.readUInt32BE(0) === content.run.crc;
    demand(right, 'I7 referenced exists', `offset=${baseOffset} object=${key}`);
  }
}

type Place = Extract<LogRun['content'], { kind: 'run' }>['run']['place'];

/** The bytes of a run, if they are there. Test runs are four bytes, which are their CRC. */
export function bytesOf(world: World, place: Place): Buffer | undefined {
  if (place.kind === 'inline') return Buffer.from(place.bytes);
  const object = world.objects.get(place.key);
  if (object === undefined) return undefined;
  const bytes = Buffer.from(object.bytes).subarray(place.from, place.from + place.length);
  return bytes.length >= 4 ? bytes : undefined;
}
