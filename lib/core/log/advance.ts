import { assert, must } from '../../std/assert.ts';
import { ask, outcomeAt } from '../machine.ts';
import { go, ownStreak, producersOf } from './append-state.ts';
import type { AppendState, Move } from './append-state.ts';
import { apply } from './apply.ts';
import { withBrought } from './brought.ts';
import type { Command } from './command.ts';
import { slotLimit } from './config.ts';
import type { Head } from './head.ts';
import { proposeGroup } from './propose-group.ts';
import { isPassing, isUnsure } from './requests.ts';
import type { LogReply, LogRequest } from './requests.ts';
import { seen } from './sight.ts';
import { firstOpening, hasRoom, opening } from './slot.ts';
import type { Opening, Slot } from './slot.ts';

/**
 * Opens the slot after the newest, which is full, with the command in it. In this order: room in
 * the ring (the advance carries the spill command that makes its own), the overflow of producers
 * that leave, what the command must bring, the slot itself.
 */
export function advance(state: AppendState): Move {
  const { config, log } = state.input;
  const next = state.sight === undefined ? firstOpening : opening(state.sight.replayed, config);
  if (!hasRoom(afterCarry(state, next), config)) {
    return afterPropose(state, proposeGroup.start({ log, config, head: next.snapshot }));
  }
  const requests = producerRequests(state, next);
  if (requests.length === 0) return sendSlot(state, next);
  return ask({ ...state, phase: { at: 'producers', opening: next } }, ...requests);
}

/** The head after the spill command that the advance carries, if that still fits. */
function afterCarry(state: AppendState, next: Opening): Head {
  const { carry, input } = state;
  return carry === undefined ? next.snapshot : apply(next.snapshot, carry, input.config).head;
}

export function afterRoom(
  state: AppendState,
  replies: readonly LogReply[],
  expired: boolean,
): Move {
  assert(state.phase.at === 'making-room', 'making room');
  return afterPropose(state, proposeGroup.step(state.phase.propose, replies, expired));
}

function afterPropose(state: AppendState, step: ReturnType<typeof proposeGroup.step>): Move {
  if (step.kind === 'ask') {
    return ask({ ...state, phase: { at: 'making-room', propose: step.state } }, ...step.requests);
  }
  switch (step.result.kind) {
    case 'proposed':
      return go('look', { ...state, carry: step.result.command });
    case 'gone':
      return go('find', { ...state, carry: undefined });
    case 'expired':
      return go('expire', state);
  }
}

/**
 * What must be stored and read before the command can go to a slot: the overflow of those who
 * leave, and the state of the command's producers that the head has lost.
 */
export function producerRequests(state: AppendState, next: Opening): readonly LogRequest[] {
  const { log, command } = state.input;
  const { seq } = next.snapshot.end;
  const leaving = state.evictedFor === seq ? [] : next.leaving;
  const puts = leaving.map(
    (producer) => ({ kind: 'put-producer', log, state: producer, seq }) as const,
  );
  if (state.brought?.slot === seq) return puts;
  const here = [...next.snapshot.producers, ...next.leaving];
  const gets = producersOf(command)
    .filter((id) => !here.some(({ producerId }) => producerId === id))
    .map((producerId) => ({ kind: 'get-producer', log, producerId }) as const);
  return [...puts, ...gets];
}

export function afterProducers(
  state: AppendState,
  replies: readonly LogReply[],
  target: Opening,
): AppendState | undefined {
  const { command, expiredBefore } = state.input;
  const { seq } = target.snapshot.end;
  if (replies.some(({ outcome }) => isPassing(outcome) || isUnsure(outcome))) return undefined;
  const wanted = producersOf(command);
  const states = target.leaving.filter(({ producerId }) => wanted.includes(producerId));
  const absent = wanted.filter(
    (id) => ![...target.snapshot.producers, ...states].some((known) => known.producerId === id),
  );
  for (const reply of replies) {
    if (reply.kind !== 'get-producer' || reply.outcome.kind !== 'done') continue;
    const stored = reply.outcome.value;
    // Expired is judged by age, whether or not the item has been deleted.
    if (stored === undefined || stored.maxTimestamp < expiredBefore) continue;
    states.push(stored);
    absent.splice(absent.indexOf(stored.producerId), 1);
  }
  return { ...state, evictedFor: seq, brought: { slot: seq, states, absent, verified: [] } };
}

export function sendSlot(state: AppendState, next: Opening): Move {
  const { log, config } = state.input;
  const { seq } = next.snapshot.end;
  const commands: Command[] = [withBrought(state, seq)];
  const { carry } = state;
  // A spill command that somebody else's made pointless is not carried along.
  if (carry !== undefined && afterCarry(state, next) !== next.snapshot) commands.unshift(carry);
  const sizes = commands.map((command) => config.commandBytes(command));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const sole = state.sight !== undefined && isSole(state);
  const limit = slotLimit(config, sole, config.snapshotBytes(next.snapshot), bytes);
  const slot: Slot = { seq, snapshot: next.snapshot, commands, bytes, limit };
  const over = seq < config.ringSlots ? undefined : seq - config.ringSlots;
  const put = { kind: 'put-slot', log, slot, over } as const;
  const hint = { kind: 'put-hint', log, seq } as const;
  const asksHint = seq % (sole ? config.hintEvery : config.sharedHintEvery) === 0;
  const phase = { at: 'advancing', opening: next, slot } as const;
  return ask({ ...state, phase }, ...(asksHint ? [put, hint] : [put]));
}

function isSole(state: AppendState): boolean {
  const { config, prefix } = state.input;
  return ownStreak(must(state.sight, 'sight'), prefix) >= config.soleStreak;
}

export function afterAdvance(state: AppendState, replies: readonly LogReply[]): Move {
  assert(state.phase.at === 'advancing', 'advancing');
  const { slot } = state.phase;
  const outcome = outcomeAt(replies, 0, 'put-slot');
  if (outcome.kind === 'done') return go('look', seen(state, slot));
  if (isUnsure(outcome)) {
    const unsure = [...state.unsure, { seq: slot.seq, by: 'put' as const }];
    const { log, config } = state.input;
    const position = slot.seq % config.ringSlots;
    return ask({ ...state, unsure, phase: { at: 'reading' } }, { kind: 'get-slot', log, position });
  }
  if (isPassing(outcome)) return go('retry', state);
  const { item } = outcome;
  if (item === 'stub') return go('stub', state);
  assert(item !== undefined && item.seq >= slot.seq, `I4: slot ${slot.seq} has a hole before it`);
  return go('raced', seen(state, item));
}
