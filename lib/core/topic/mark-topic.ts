import { must } from '../../std/assert.ts';
import type { ReadOutcome, WriteOutcome } from '../../ports/outcome.ts';
import { pause } from '../log/requests.ts';
import { ask, end } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import type { Due, GoneTopic, Topic } from './topic.ts';

export type MarkRequest =
  | { readonly kind: 'get-topic'; readonly name: string }
  /** In one transaction, on the topic's version: marks it, and notes what is left to do, and when. */
  | {
      readonly kind: 'mark-topic';
      readonly topic: Topic;
      readonly gone: GoneTopic;
      readonly due: Due;
    }
  | typeof pause;

export interface MarkOutcomes {
  'get-topic': ReadOutcome<Topic | undefined>;
  'mark-topic': WriteOutcome<undefined> | { readonly kind: 'conflict' | 'conditions-failed' };
}

export type MarkReply =
  | {
      [K in keyof MarkOutcomes]: { readonly kind: K; readonly outcome: MarkOutcomes[K] };
    }[keyof MarkOutcomes]
  | { readonly kind: 'wait'; readonly outcome: { readonly kind: 'done' } };

export type MarkResult =
  /** Marked, by this call or an earlier one: close its partitions next. */
  | { readonly kind: 'marked'; readonly gone: GoneTopic }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'expired'; readonly sent: boolean };

export interface MarkState {
  readonly name: string;
  readonly dueMs: number;
  readonly topic: Topic | undefined;
  /** A mark was sent that was not answered. */
  readonly sent: boolean;
}

export const deleteTopicJob = 'delete-topic';

/**
 * The first step of a deletion: one transaction on the topic's version marks the topic, with the
 * partition count of that moment, and writes the DUE item by which maintenance finds the rest.
 */
export const markTopic: Machine<
  { readonly name: string; readonly dueMs: number },
  MarkState,
  MarkRequest,
  MarkReply,
  MarkResult
> = {
  start(input) {
    return look({ ...input, topic: undefined, sent: false });
  },

  step(state, [reply], expired) {
    switch (reply?.kind) {
      case 'get-topic':
        return afterGet(state, reply.outcome, expired);
      case 'mark-topic':
        if (reply.outcome.kind === 'done') {
          return end({ kind: 'marked', gone: goneOf(must(state.topic, 'topic')) });
        }
        return again(
          { ...state, sent: state.sent || reply.outcome.kind === 'indeterminate' },
          expired,
        );
      default:
        return look(state);
    }
  },
};

type MarkStep = Step<MarkState, MarkRequest, MarkResult>;

function look(state: MarkState): MarkStep {
  return ask(state, { kind: 'get-topic', name: state.name });
}

function again(state: MarkState, expired: boolean): MarkStep {
  return expired ? end({ kind: 'expired', sent: state.sent }) : ask(state, pause);
}

function afterGet(
  state: MarkState,
  outcome: MarkOutcomes['get-topic'],
  expired: boolean,
): MarkStep {
  if (outcome.kind !== 'done') return again(state, expired);
  const topic = outcome.value;
  const before = state.topic;
  // The topic that was to be deleted is gone, maybe by our own mark: its successor is not ours.
  if (before !== undefined && topic?.id !== before.id) {
    return end({ kind: 'marked', gone: goneOf(before) });
  }
  if (topic === undefined) return end({ kind: 'not-found' });
  if (topic.deleting) return end({ kind: 'marked', gone: goneOf(topic) });
  const due: Due = { dueMs: state.dueMs, what: `${deleteTopicJob}#${topic.id}`, version: 0 };
  return ask({ ...state, topic }, { kind: 'mark-topic', topic, gone: goneOf(topic), due });
}

function goneOf({ id, name, partitions }: Topic): GoneTopic {
  return { id, name, partitions, version: 0 };
}
