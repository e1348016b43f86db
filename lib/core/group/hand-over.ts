import type { PartitionKey } from '../log/partition-key.ts';
import { pause } from '../log/requests.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { freedomOf, granted, isDeliverable, withOwnerships } from './decide.ts';
import type { Member, MemberKey, Ownership } from './group.ts';
import { valuesOf } from './requests.ts';
import type { GroupReply, GroupRequest } from './requests.ts';

/** A partition, and who is to own it: whoever asks, or nobody. */
export interface Move extends PartitionKey {
  readonly to: MemberKey | undefined;
}

export interface HandOverInput {
  readonly group: string;
  /** The epoch of `STATE` that was read, with its target, before this began. */
  readonly epoch: number;
  /** An item that was read before this began, and is not gone: whoever asks. */
  readonly self: Member | undefined;
  /** What the target of that epoch gives to `self`, or to nobody. */
  readonly moves: readonly Move[];
  /** Of these the ownership is read, and no more. */
  readonly looks: readonly PartitionKey[];
}

export interface HandOverResult {
  /** Ownerships as they were after `self` was read: what is to be delivered to it, or dropped. */
  readonly known: readonly Ownership[];
  /** What may have been granted to `self`. */
  readonly granted: readonly PartitionKey[];
}

/** What a member was granted and never got. */
interface Help {
  readonly owner: Member;
  readonly of: readonly PartitionKey[];
}

export interface HandOverState {
  readonly input: HandOverInput;
  readonly phase: 'ownerships' | 'owners' | 'grants' | 'fresh' | 'helps' | 'wait' | 'owners again';
  /** By move, then by look. */
  readonly known: readonly (Ownership | undefined)[];
  /** By move: granted as this, if the put ends well. */
  readonly puts: readonly (Ownership | undefined)[];
  /** Items to which something is to be delivered first, read before their ownerships are again. */
  readonly helps: readonly Help[];
  /** Deliveries tried, to any of them. */
  readonly tries: number;
}

type HandOverStep = Step<HandOverState, GroupRequest, HandOverResult>;

/** What still does not get through is pending. */
const triesMax = 5;

/**
 * Grants partitions as a target says, where they are free, and delivers what their owners were
 * granted and never got. The order of the reads is the point: `STATE`, then `O#`, then the owner's
 * item for a grant; the item, then `O#` for a delivery. One put per partition that moves.
 *
 * A delivery is put on an item that its member writes at the same time. The pauses between tries
 * are by chance, so that the two do not go in step.
 */
export const handOver: Machine<
  HandOverInput,
  HandOverState,
  GroupRequest,
  GroupReply,
  HandOverResult
> = {
  start(input) {
    const { group, moves, looks } = input;
    const state = { input, known: [], puts: [], helps: [], tries: 0 };
    const reads = [...moves, ...looks].map((of) => ({ kind: 'get-ownership', group, of }) as const);
    if (reads.length === 0) return end({ known: [], granted: [] });
    return ask({ ...state, phase: 'ownerships' }, ...reads);
  },

  step(state, replies, expired) {
    switch (state.phase) {
      case 'ownerships':
        return afterOwnerships(state, replies);
      case 'owners': {
        const owners = valuesOf(replies, 'get-member');
        return owners === undefined ? finish(state) : decide(state, present(owners));
      }
      case 'grants':
        return deliver(afterGrants(state, replies), replies);
      case 'fresh':
        return deliver(state, replies);
      case 'helps':
        return afterHelps(state, replies, expired);
      case 'wait': {
        const { group } = state.input;
        const keys = state.helps.map(({ owner }) => owner.key);
        const reads = keys.map((key) => ({ kind: 'get-member', group, key }) as const);
        return ask({ ...state, phase: 'owners again' }, ...reads);
      }
      case 'owners again':
        return afterOwnersAgain(state, replies);
    }
  },
};

const present = <T>(all: readonly (T | undefined)[]): readonly T[] =>
  all.filter((one) => one !== undefined);

function finish({ input, known, puts }: HandOverState): HandOverStep {
  const isOwn = (_: unknown, i: number): boolean =>
    puts[i] !== undefined && puts[i].owner !== undefined;
  return end({ known: present(known), granted: input.moves.filter(isOwn) });
}

function afterOwnerships(state: HandOverState, replies: readonly GroupReply[]): HandOverStep {
  const known = valuesOf(replies, 'get-ownership');
  if (known === undefined) return finish(state);
  const { group, self, moves } = state.input;
  const keys = new Set<MemberKey>();
  for (const [i, move] of moves.entries()) {
    const owner = known[i]?.owner;
    if (owner === undefined || owner === self?.key || isNamed(move, known[i], self)) continue;
    if (isBehind(state, known[i])) continue;
    keys.add(owner);
  }
  const next: HandOverState = { ...state, known, phase: 'owners' };
  if (keys.size === 0) return decide(next, []);
  return ask(next, ...[...keys].map((key) => ({ kind: 'get-member', group, key }) as const));
}

/** Whether it was granted as it is to be, and the one that it was granted to has not given it up. */
function isNamed(move: Move, ownership: Ownership | undefined, self: Member | undefined): boolean {
  if (ownership === undefined || ownership.owner !== move.to) return false;
  if (self === undefined || move.to !== self.key) return true;
  return isDeliverable(self, ownership) || freedomOf(ownership, self).kind === 'held';
}

/** Whether this epoch's target is not newer than the last grant. */
const isBehind = ({ input }: HandOverState, ownership: Ownership | undefined): boolean =>
  ownership !== undefined && ownership.a >= input.epoch;

/** What is free is granted; what was never delivered is looked at again, to be delivered first. */
function decide(state: HandOverState, read: readonly Member[]): HandOverStep {
  const { group, epoch, self, moves } = state.input;
  const owners = new Map([...read, ...present([self])].map((one) => [one.key, one]));
  const puts: (Ownership | undefined)[] = [];
  const undelivered = new Map<Member, PartitionKey[]>();
  for (const [i, move] of moves.entries()) {
    const ownership = state.known[i];
    if (isNamed(move, ownership, self) || isBehind(state, ownership)) continue;
    const owner = ownership?.owner === undefined ? undefined : owners.get(ownership.owner);
    const freedom = freedomOf(ownership, owner);
    if (freedom.kind === 'free') {
      puts[i] = granted({ ...move, group }, ownership, epoch, move.to, freedom.committed);
    } else if (freedom.kind === 'undelivered' && owner !== undefined && owner !== self) {
      undelivered.set(owner, [...(undelivered.get(owner) ?? []), move]);
    }
  }
  const helps = [...undelivered].map(([owner, of]) => ({ owner, of }));
  const next: HandOverState = { ...state, puts, helps, phase: 'grants' };
  const grants = present(puts).map((ownership) => ({ kind: 'put-ownership', ownership }) as const);
  const again = ownershipsOf(next);
  return grants.length + again.length === 0 ? finish(next) : ask(next, ...grants, ...again);
}

const ownershipsOf = ({ input, helps }: HandOverState): readonly GroupRequest[] =>
  helps
    .flatMap(({ of }) => of)
    .map((of) => ({ kind: 'get-ownership', group: input.group, of }) as const);

function afterGrants(state: HandOverState, replies: readonly GroupReply[]): HandOverState {
  const known = [...state.known];
  let at = 0;
  for (const [i, put] of state.puts.entries()) {
    if (put === undefined) continue;
    const outcome = outcomeAt(replies, at, 'put-ownership');
    at += 1;
    if (outcome.kind === 'done') known[i] = put;
    if (outcome.kind === 'condition-failed') known[i] = outcome.item;
  }
  return { ...state, known };
}

/** To items that were read before these ownerships. */
function deliver(state: HandOverState, replies: readonly GroupReply[]): HandOverStep {
  const fresh = present(valuesOf(replies, 'get-ownership') ?? []);
  const puts: GroupRequest[] = [];
  const helps = state.helps.filter(({ owner }) => {
    const due = fresh.filter((one) => isDeliverable(owner, one));
    if (due.length === 0) return false;
    const next = withOwnerships(owner, due);
    const member = { ...next, settledEpoch: 0, version: owner.version + 1 };
    puts.push({ kind: 'put-member', member });
    return true;
  });
  const next: HandOverState = { ...state, helps, tries: state.tries + 1, phase: 'helps' };
  return puts.length === 0 ? finish(next) : ask(next, ...puts);
}

function afterHelps(
  state: HandOverState,
  replies: readonly GroupReply[],
  expired: boolean,
): HandOverStep {
  const helps = state.helps.filter((_, i) => outcomeAt(replies, i, 'put-member').kind !== 'done');
  if (helps.length === 0 || state.tries === triesMax || expired) return finish(state);
  return ask({ ...state, helps, phase: 'wait' }, pause);
}

function afterOwnersAgain(state: HandOverState, replies: readonly GroupReply[]): HandOverStep {
  const owners = valuesOf(replies, 'get-member');
  if (owners === undefined) return finish(state);
  const helps = state.helps.flatMap(({ of }, i) => {
    const owner = owners[i];
    return owner === undefined || owner.gone ? [] : [{ owner, of }];
  });
  const next: HandOverState = { ...state, helps, phase: 'fresh' };
  return helps.length === 0 ? finish(next) : ask(next, ...ownershipsOf(next));
}
