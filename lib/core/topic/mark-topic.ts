import { must } from '../../std/assert.ts';
import type { ConditionalOutcome, ReadOutcome, WriteOutcome } from '../../ports/outcome.ts';
import { pause } from '../log/requests.ts';
import { ask, end } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import type { Due, GoneTopic, Topic } from './topic.ts';

export type MarkRequest =
  | { readonly kind: 'get-topic'; readonly name: string }
  /** Unconditional: the same item again is the same. */
  | { readonly kind: 'put-due'; readonly due: Due }
  /** In one transaction, on the topic's version: marks it, and puts what is left to do. */
  | { readonly kind: 'mark-topic'; readonly topic: Topic; readonly gone: GoneTopic }
  | typeof pause;

export interface MarkOutcomes {
  'get-topic': ReadOutcome<Topic | undefined>;
  'put-due': ConditionalOutcome<undefined, Due>;
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
 * The first step of a deletion: what makes it find its end is written before it begins (DUE), then
 * one transaction on the topic's version marks the topic, with the partition count of that moment.
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
      case 'put-due':
        if (reply.outcome.kind === 'done') return mark(state);
        return again(state, expired);
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
  if (topic === undefined) return end({ kind: 'not-found' });
  if (topic.deleting) return end({ kind: 'marked', gone: goneOf(topic) });
  const what = `${deleteTopicJob}#${topic.id}`;
  const due: Due = { dueMs: state.dueMs, what, version: 0 };
  return ask({ ...state, topic }, { kind: 'put-due', due });
}

function mark(state: MarkState): MarkStep {
  const topic = must(state.topic, 'topic');
  return ask(state, { kind: 'mark-topic', topic, gone: goneOf(topic) });
}

function goneOf({ id, name, partitions }: Topic): GoneTopic {
  return { id, name, partitions, version: 0 };
}
