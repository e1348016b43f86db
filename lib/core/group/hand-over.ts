import type { PartitionKey } from '../log/partition-key.ts';
import { ask, end } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { freedomOf, granted, isDeliverable, withOwnerships } from './decide.ts';
import type { Member, MemberKey, Ownership } from './group.ts';
import { outcomeAt, valuesOf } from './requests.ts';
import type { GroupReply, GroupRequest } from './requests.ts';

/** A partition, and who is to own it; undefined: nobody. */
export interface Move extends PartitionKey {
  readonly to: MemberKey | undefined;
}

export interface HandOverInput {
  readonly group: string;
  /** The epoch of `STATE` that was read, with its target, before this began. */
  readonly epoch: number;
  /** An item that was read before this began, and is not gone: whoever asks. */
  readonly self: Member | undefined;
  /** What the target of that epoch says. */
  readonly moves: readonly Move[];
}

export interface HandOverResult {
  /** Ownerships as they were after `self` was read: what is to be delivered to it, or dropped. */
  readonly known: readonly Ownership[];
  /** Some did not move, or nobody knows: ask again soon. */
  readonly isPending: boolean;
}

export interface HandOverState {
  readonly input: HandOverInput;
  readonly phase: 'ownerships' | 'owners' | 'grants' | 'helps';
  /** By move. */
  readonly known: readonly (Ownership | undefined)[];
  /** By move: granted as this, if the put ends well. */
  readonly puts: readonly (Ownership | undefined)[];
  /** Items to which something is to be delivered first, read before their ownerships are again. */
  readonly owners: readonly Member[];
  readonly isPending: boolean;
}

type HandOverStep = Step<HandOverState, GroupRequest, HandOverResult>;

/**
 * Grants partitions as a target says, where they are free, and delivers what their owners were
 * granted and never got. The order of the reads is the point: `STATE`, then `O#`, then the owner's
 * item for a grant; the item, then `O#` for a delivery. One put per partition that moves.
 */
export const handOver: Machine<
  HandOverInput,
  HandOverState,
  GroupRequest,
  GroupReply,
  HandOverResult
> = {
  start(input) {
    const base = { input, known: [], puts: [], owners: [], isPending: false };
    if (input.moves.length === 0) return end({ known: [], isPending: false });
    const { group } = input;
    const reads = input.moves.map((of) => ({ kind: 'get-ownership', group, of }) as const);
    return ask({ ...base, phase: 'ownerships' }, ...reads);
  },

  step(state, replies) {
    switch (state.phase) {
      case 'ownerships':
        return afterOwnerships(state, replies);
      case 'owners':
        return afterOwners(state, replies);
      case 'grants':
        return afterGrants(state, replies);
      case 'helps':
        return finish({ ...state, isPending: true });
    }
  },
};

function finish({ known, isPending }: HandOverState): HandOverStep {
  return end({ known: known.filter((one) => one !== undefined), isPending });
}

function afterOwnerships(state: HandOverState, replies: readonly GroupReply[]): HandOverStep {
  const known = valuesOf(replies, 'get-ownership');
  if (known === undefined) return finish({ ...state, isPending: true });
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

function afterOwners(state: HandOverState, replies: readonly GroupReply[]): HandOverStep {
  const owners = valuesOf(replies, 'get-member');
  if (owners === undefined) return finish({ ...state, isPending: true });
  return decide(
    state,
    owners.filter((owner) => owner !== undefined),
  );
}

/** What is free is granted; what was never delivered is looked at again, to be delivered first. */
function decide(state: HandOverState, read: readonly Member[]): HandOverStep {
  const { group, epoch, self, moves } = state.input;
  const owners = self === undefined ? read : [...read, self];
  const puts: (Ownership | undefined)[] = [];
  const undelivered = new Map<Member, PartitionKey[]>();
  let { isPending } = state;
  for (const [i, move] of moves.entries()) {
    const ownership = state.known[i];
    if (isNamed(move, ownership, self)) continue;
    if (isBehind(state, ownership)) {
      isPending = true;
      continue;
    }
    const owner = owners.find(({ key }) => key === ownership?.owner);
    const freedom = freedomOf(ownership, owner);
    if (freedom.kind === 'free') {
      puts[i] = granted({ ...move, group }, ownership, epoch, move.to, freedom.committed);
      continue;
    }
    isPending = true;
    if (freedom.kind === 'held' || owner === undefined || owner === self) continue;
    undelivered.set(owner, [...(undelivered.get(owner) ?? []), move]);
  }
  const next: HandOverState = {
    ...state,
    puts,
    owners: [...undelivered.keys()],
    phase: 'grants',
    isPending,
  };
  const grants = puts.flatMap((ownership): GroupRequest[] =>
    ownership === undefined ? [] : [{ kind: 'put-ownership', ownership }],
  );
  const again = [...undelivered.values()]
    .flat()
    .map((of): GroupRequest => ({ kind: 'get-ownership', group, of }));
  if (grants.length + again.length === 0) return finish(next);
  return ask(next, ...grants, ...again);
}

function afterGrants(state: HandOverState, replies: readonly GroupReply[]): HandOverStep {
  const known = [...state.known];
  let { isPending } = state;
  let at = 0;
  for (const [i, put] of state.puts.entries()) {
    if (put === undefined) continue;
    const outcome = outcomeAt(replies, at, 'put-ownership');
    at += 1;
    if (outcome.kind === 'done') known[i] = put;
    else isPending = true;
    if (outcome.kind === 'condition-failed') known[i] = outcome.item;
  }
  const next: HandOverState = { ...state, known, isPending, phase: 'helps' };
  const fresh = valuesOf(replies, 'get-ownership') ?? [];
  const owned = fresh.filter((one) => one !== undefined);
  const helps = state.owners.flatMap((owner) => {
    const due = owned.filter((one) => isDeliverable(owner, one));
    if (due.length === 0) return [];
    const member = { ...withOwnerships(owner, due), version: owner.version + 1 };
    return [{ kind: 'put-member', member } as const];
  });
  return helps.length === 0 ? finish(next) : ask(next, ...helps);
}
