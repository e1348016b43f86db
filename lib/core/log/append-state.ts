import type { Step } from '../machine.ts';
import type { Brought, Command, SpillCommand, Verdict } from './command.ts';
import type { LogConfig } from './config.ts';
import type { FindState } from './find-newest.ts';
import type { Position, ProducerState } from './head.ts';
import type { PartitionKey } from './partition-key.ts';
import type { ProposeState } from './propose-group.ts';
import type { LogRequest } from './requests.ts';
import type { Opening, Replayed, Slot } from './slot.ts';

/** A slot that a process has seen, and how many commands in a row before it were its own. */
export interface Sight {
  readonly replayed: Replayed;
  readonly ownBefore: number;
}

export interface AppendInput {
  readonly log: PartitionKey;
  readonly config: LogConfig;
  /** Without `brought`, which the machine adds for each slot that it is sent to. */
  readonly command: Command;
  /** The first digits of all command ids of this process. */
  readonly prefix: string;
  /** The newest slot that this process has seen, however old. */
  readonly sight: Sight | undefined;
  /** Others may have gone on since that sight: a read, cheaper than a lost race, comes first. */
  readonly stale?: boolean;
  /** Published along with the command, at no extra cost, if that opens a slot. */
  readonly carry?: SpillCommand;
  /**
   * For an id that other processes may send too (a keyed request): the first slot that may hold
   * it. Every slot from there on is checked before the command is sent anywhere (I6).
   */
  readonly walk?: Position;
  /** Producers whose highest timestamp is below this (ms) have expired: they count as absent. */
  readonly expiredBefore: bigint;
}

export type AppendResult =
  /** The id is decided in the log: its verdicts, for ever. */
  | {
      readonly kind: 'decided';
      readonly verdicts: readonly Verdict[];
      readonly sight: Sight | undefined;
      /** This command opened the slot that it lies in. */
      readonly opened: boolean;
    }
  /** The partition is closed, and the id is not in it and never will be. */
  | { readonly kind: 'closed'; readonly sight: Sight | undefined }
  /** Its objects are below the floor; it is not in the log: stage again, also under this id. */
  | { readonly kind: 'restage'; readonly floor: number; readonly sight: Sight | undefined }
  /** Time ran out, and it is certain that the id is not in the log and never will be. */
  | { readonly kind: 'not-committed'; readonly sight: Sight | undefined }
  /** It may be in the log, now or later; or that can no longer be found out. */
  | { readonly kind: 'unknown'; readonly sight: Sight | undefined };

/** A slot to which a copy was sent whose outcome is not known. */
interface Unsure {
  readonly seq: number;
  readonly by: 'append' | 'put';
}

export type Phase =
  | { readonly at: 'finding'; readonly find: FindState }
  /** Reading an older slot, or its spill group, that may hold the id. */
  | { readonly at: 'checking-slot' }
  | { readonly at: 'checking-group' }
  /** Reading what the head does not know of the command's producers. */
  | { readonly at: 'producers'; readonly opening: Opening | undefined }
  | { readonly at: 'appending' }
  | { readonly at: 'making-room'; readonly propose: ProposeState }
  | { readonly at: 'advancing'; readonly opening: Opening; readonly slot: Slot }
  /** Reading slot `seq`, to which a copy was sent that was not answered. */
  | { readonly at: 'reading' }
  /** Reading slot `seq`, which others may have opened; slots read so far in this walk. */
  | { readonly at: 'peeking'; readonly seq: number; readonly walked: number }
  | { readonly at: 'waiting' };

export interface AppendState {
  readonly input: AppendInput;
  readonly phase: Phase;
  /** The newest slot seen. None, once it was looked for: the log is empty. */
  readonly sight: Sight | undefined;
  /** The first slot that may hold the id and was not yet read complete without it. */
  readonly next: Position | undefined;
  readonly unsure: readonly Unsure[];
  /** What is brought to the slot that the command is sent to next. */
  readonly brought: Brought | undefined;
  /** Published by the advance that needs the room. */
  readonly carry: SpillCommand | undefined;
  /** Producers' overflow is stored for the opening of this slot. */
  readonly evictedFor: number;
  readonly races: number;
  /** Refusals in a row. */
  readonly refusals: number;
  /** Times that something older was not where the bounds said. */
  readonly misses: number;
}

export const producersOf = (command: Command): readonly ProducerState['producerId'][] => {
  if (command.kind === 'marker') return [command.producerId];
  if (command.kind !== 'data') return [];
  const ids = command.runs.flatMap((run) => (run.producer === undefined ? [] : [run.producer.id]));
  return [...new Set(ids)];
};

/** Commands in a row, up to the last one seen, that this process wrote. */
export function ownStreak(sight: Sight, prefix: string): number {
  const { entries } = sight.replayed;
  let own = 0;
  for (let i = entries.length - 1; i >= 0; i -= 1) {
    if (entries[i]?.command.id.startsWith(prefix) !== true) return own;
    own += 1;
  }
  return sight.ownBefore + own;
}

export type AppendStep = Step<AppendState, LogRequest, AppendResult>;

/** Where the machine goes from an answer; `append-machine.ts` follows. */
export type Move =
  | AppendStep
  | {
      readonly kind: 'go';
      readonly to: 'look' | 'find' | 'retry' | 'raced' | 'expire' | 'stub';
      readonly state: AppendState;
    };

export const go = (to: Extract<Move, { kind: 'go' }>['to'], state: AppendState): Move => ({
  kind: 'go',
  to,
  state,
});
