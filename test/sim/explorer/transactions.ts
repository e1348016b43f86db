import type { Brought, Command, Verdict } from '../../../lib/core/log/command.ts';
import type { ProducerState } from '../../../lib/core/log/head.ts';
import { decided, firstOpening, isFull, opening, replay } from '../../../lib/core/log/slot.ts';
import type { Opening, Replayed, Slot } from '../../../lib/core/log/slot.ts';
import { commandId, producerId } from '../../../lib/std/brands.ts';
import { data, sequenced, smallConfig } from './commands.ts';
import { Interner } from './intern.ts';
import type { System } from './search.ts';
import { demand } from './violation.ts';

/**
 * Transactions at the level of replay: one partition, one producer, whose two transactions are
 * written and decided while copies of batches and markers are under way and other commands push
 * the producer out of the head. What a command brings is read after its slot was seen.
 */
export interface TransactionScenario {
  readonly name: string;
  readonly about: string;
  /** Copies of one command that may be under way at once. */
  readonly copies: number;
  readonly fillers: number;
  /** Processes that bring markers into the log for one decision. */
  readonly coordinators: number;
}

const pid = producerId(1n);
const transactionsMax = 2;
const config = smallConfig({ perSlot: 2, ringSlots: 64, spillSlots: 64, producersMax: 0 });

/** `T#`: the record of the transaction, by epoch. */
interface Decision {
  readonly epoch: number;
  readonly phase: 'empty' | 'ongoing' | 'prepare';
  readonly outcome: 'commit' | 'abort';
}

/** Somebody who brings one command into the log. */
interface Sender {
  readonly kind: 'data' | 'marker';
  readonly id: string;
  readonly epoch: number;
  /** The slot it has seen to exist, or to be next after a full one. */
  readonly saw: number | undefined;
  readonly told: boolean;
}

interface Copy {
  readonly slot: number;
  readonly command: Command;
}

interface State {
  readonly slots: readonly Replayed[];
  readonly stored: { readonly state: ProducerState } | undefined;
  readonly decision: Decision;
  readonly senders: readonly Sender[];
  readonly flying: readonly Copy[];
  readonly fillers: number;
}

type Choice =
  | { readonly do: 'begin' | 'commit' | 'abort' | 'complete' | 'fill' | 'expire' }
  | { readonly do: 'see' | 'send'; readonly at: number }
  | { readonly do: 'land'; readonly at: number };

export function transactionSystem(scenario: TransactionScenario): System<State, Choice> {
  const interner = new Interner([]);
  return {
    name: scenario.name,
    about: scenario.about,
    statesMax: 1_000_000,
    keyOf: (state) => {
      const flying = state.flying.map((copy) => interner.number(copy));
      return interner.number({ ...state, flying: flying.toSorted((a, b) => a - b) });
    },
    initial: () => ({
      slots: [],
      stored: undefined,
      decision: { epoch: 0, phase: 'empty', outcome: 'abort' },
      senders: [],
      flying: [],
      fillers: scenario.fillers,
    }),
    choicesOf: (state) => choicesOf(scenario, state),
    take: (state, choice) => {
      const next = take(scenario, state, choice);
      if (next === undefined) return undefined;
      check(next);
      return settled(next);
    },
    hasEnded: ({ decision }) => decision.phase === 'empty' && decision.epoch === transactionsMax,
    describe: (before, choice) => describe(before, choice),
  };
}

function choicesOf(scenario: TransactionScenario, state: State): readonly Choice[] {
  const { decision, senders, flying, fillers } = state;
  const choices: Choice[] = flying.map((_, at) => ({ do: 'land', at }) as const);
  senders.forEach(({ id, told, saw }, at) => {
    if (told) return;
    const copies = flying.filter(({ command }) => command.id === id).length;
    if (copies >= scenario.copies) return;
    choices.push({ do: saw === undefined ? 'see' : 'send', at });
  });
  if (fillers > 0) choices.push({ do: 'fill' });
  // Its overflow counts as absent from here on.
  if (state.stored !== undefined) choices.push({ do: 'expire' });
  if (decision.phase === 'empty' && decision.epoch < transactionsMax) choices.push({ do: 'begin' });
  if (decision.phase === 'ongoing') choices.push({ do: 'commit' }, { do: 'abort' });
  if (decision.phase === 'prepare') choices.push({ do: 'complete' });
  return choices;
}

function take(scenario: TransactionScenario, state: State, choice: Choice): State | undefined {
  const { decision } = state;
  switch (choice.do) {
    case 'begin': {
      const sender = newSender('data', `d${decision.epoch}00`, decision.epoch);
      const senders = [...state.senders, sender];
      return { ...state, senders, decision: { ...decision, phase: 'ongoing' } };
    }
    case 'commit':
    case 'abort': {
      const markers = Array.from({ length: scenario.coordinators }, (_, i) =>
        newSender('marker', `m${decision.epoch}0${i}`, decision.epoch),
      );
      const next: Decision = { ...decision, phase: 'prepare', outcome: choice.do };
      return { ...state, senders: [...state.senders, ...markers], decision: next };
    }
    case 'complete': {
      const isDone = state.senders.some(
        ({ kind, epoch, told }) => kind === 'marker' && epoch === decision.epoch && told,
      );
      if (!isDone) return undefined;
      return { ...state, decision: { ...decision, phase: 'empty', epoch: decision.epoch + 1 } };
    }
    case 'fill':
      return land(
        state,
        { slot: newestOrNext(state), command: data(`f${state.fillers}00`) },
        {
          fillers: state.fillers - 1,
        },
      );
    case 'expire':
      return { ...state, stored: undefined };
    case 'see':
      return withSender(state, choice.at, { saw: newestOrNext(state) });
    case 'send':
      return send(state, choice.at);
    case 'land': {
      const copy = state.flying[choice.at];
      if (copy === undefined) return undefined;
      return land(state, copy, { flying: state.flying.toSpliced(choice.at, 1) });
    }
  }
}

const newSender = (kind: Sender['kind'], id: string, epoch: number): Sender => ({
  kind,
  id,
  epoch,
  saw: undefined,
  told: false,
});

function withSender(state: State, at: number, change: Partial<Sender>): State {
  const senders = state.senders.map((sender, i) => (i === at ? { ...sender, ...change } : sender));
  return { ...state, senders };
}

/** The slot that a command goes to: the newest if it has room, else the one after it. */
function newestOrNext({ slots }: State): number {
  const newest = slots.at(-1);
  if (newest === undefined) return 0;
  return isFull(newest.slot) ? newest.slot.seq + 1 : newest.slot.seq;
}

/** Reads `T#` and the overflow, after the slot was seen, and sends a copy meant for that slot. */
function send(state: State, at: number): State | undefined {
  const sender = state.senders[at];
  if (sender?.saw === undefined) return undefined;
  const { decision } = state;
  const phase = sender.kind === 'data' ? 'ongoing' : 'prepare';
  const seen = withSender(state, at, { saw: undefined });
  // Not, or no longer, what is to be told to the log: nothing is sent.
  if (decision.phase !== phase || decision.epoch !== sender.epoch) return seen;
  const copy: Copy = { slot: sender.saw, command: commandOf(state, sender, sender.saw) };
  return { ...seen, flying: [...seen.flying, copy] };
}

function commandOf(state: State, { kind, id, epoch }: Sender, slot: number): Command {
  const brought = broughtTo(state, slot, epoch);
  if (kind === 'marker') {
    const { outcome } = state.decision;
    const base = { id: commandId(id), producerId: pid, epoch, txn: epoch + 1, outcome } as const;
    return { kind: 'marker', ...base, coordinatorEpoch: 0, timestamp: 1n, bump: true, brought };
  }
  const producer = { ...sequenced(1, 0, epoch), txn: epoch + 1, transactional: true };
  return { ...data(id, { producer }), brought };
}

function broughtTo(state: State, slot: number, epoch: number): Brought {
  const before = state.slots[slot - 1];
  const leaving = before === undefined ? [] : opening(before, config).leaving;
  const known = leaving.find((one) => one.producerId === pid) ?? state.stored?.state;
  return {
    slot,
    states: known === undefined ? [] : [known],
    absent: known === undefined ? [pid] : [],
    verified: [{ producerId: pid, epoch, txn: epoch + 1 }],
  };
}

/** A copy lands in its slot, which it may open; undefined if that slot is full or gone by. */
function land(
  state: State,
  { slot: seq, command }: Copy,
  change: Partial<State>,
): State | undefined {
  if (seq !== newestOrNext(state)) return undefined;
  const there = state.slots[seq];
  const [open, stored] = there === undefined ? openingOf(state) : [undefined, state.stored];
  const empty: Slot = {
    seq,
    snapshot: open?.snapshot ?? firstOpening.snapshot,
    commands: [],
    bytes: 0,
    limit: config.sharedBytes,
  };
  const before = there?.slot ?? empty;
  const slot = { ...before, commands: [...before.commands, command], bytes: before.bytes + 10 };
  const slots = [...state.slots.slice(0, seq), replay(slot, config)];
  return { ...state, ...change, stored, slots };
}

/** How the next slot opens; who leaves is stored before. */
function openingOf(state: State): [Opening, State['stored']] {
  const newest = state.slots.at(-1);
  if (newest === undefined) return [firstOpening, state.stored];
  const open = opening(newest, config);
  const leaving = open.leaving.find((one) => one.producerId === pid);
  return [open, leaving === undefined ? state.stored : { state: leaving }];
}

/**
 * What follows without a choice: what was meant for a slot gone by lands no more, who saw an older
 * slot looks again, and who finds its command decided has done its work.
 */
function settled(state: State): State {
  const newest = newestOrNext(state);
  const senders = state.senders.map((sender): Sender => {
    const verdict = verdictOf(state, sender.id);
    const isDone = verdict !== undefined && verdict.kind !== 'refused';
    demand(
      verdict === undefined || isDone || sender.kind === 'data',
      'a marker that was verified counts',
      sender.id,
    );
    const isCurrent = sender.saw === newest && verdict === undefined;
    return { ...sender, told: verdict !== undefined, saw: isCurrent ? sender.saw : undefined };
  });
  return { ...state, senders, flying: state.flying.filter(({ slot }) => slot >= newest) };
}

function verdictOf({ slots }: State, id: string): Verdict | undefined {
  for (const { entries } of slots) {
    const entry = decided(entries, commandId(id));
    if (entry !== undefined) return entry.verdicts[0];
  }
  return undefined;
}

function check({ slots, decision }: State): void {
  for (const { epoch } of slots.at(-1)?.head.open ?? []) {
    const isLive = decision.phase !== 'empty' && decision.epoch === epoch;
    demand(isLive, 'no batch opens a finished transaction', `epoch=${epoch}`);
  }
  const ended = new Set<number>();
  for (const { command, verdicts } of slots.flatMap(({ entries }) => entries)) {
    if (verdicts[0]?.kind !== 'accepted') continue;
    if (command.kind === 'marker') ended.add(command.epoch);
    const epoch = command.kind === 'data' ? command.runs[0]?.producer?.epoch : undefined;
    const isLate = epoch !== undefined && ended.has(epoch);
    demand(!isLate, 'no batch after its marker', `id=${command.id}`);
  }
}

function describe(state: State, choice: Choice): string {
  if (choice.do === 'land') {
    const copy = state.flying[choice.at];
    return `${copy?.command.id} lands in slot ${copy?.slot}`;
  }
  if (!('at' in choice)) return `${choice.do}, epoch ${state.decision.epoch}`;
  return `${state.senders[choice.at]?.id} ${choice.do}, newest slot ${state.slots.length - 1}`;
}

/** Explored by the tests. */
export const transactionScenarios: readonly TransactionScenario[] = [
  {
    name: 'I1',
    about: 'two transactions of one producer, two other commands, copies that land late',
    copies: 2,
    fillers: 2,
    coordinators: 1,
  },
];

export const longTransactionScenarios: readonly TransactionScenario[] = [
  {
    name: 'I2',
    about: 'the same where two complete each decision',
    copies: 1,
    fillers: 1,
    coordinators: 2,
  },
];
