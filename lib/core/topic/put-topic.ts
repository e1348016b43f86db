import type { ConditionalOutcome } from '../../ports/outcome.ts';
import { isPassing, isUnsure, pause } from '../log/requests.ts';
import { ask, end } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import type { Topic } from './topic.ts';

export type TopicRequest =
  /** Puts it if absent (version 0), else on the version before. */
  { readonly kind: 'put-topic'; readonly topic: Topic } | typeof pause;

export type TopicReply =
  | { readonly kind: 'put-topic'; readonly outcome: ConditionalOutcome<undefined, Topic> }
  | { readonly kind: 'wait'; readonly outcome: { readonly kind: 'done' } };

export type PutTopicResult =
  | { readonly kind: 'put' }
  /** Another one stands there (undefined: none, where one was expected). Nothing was changed. */
  | { readonly kind: 'conflict'; readonly standing: Topic | undefined }
  | { readonly kind: 'expired'; readonly sent: boolean };

export interface PutTopicState {
  readonly topic: Topic;
  /** A copy was sent that was not answered. */
  readonly unsure: boolean;
}

type PutStep = Step<PutTopicState, TopicRequest, PutTopicResult>;

/** Creates a topic, or changes it on its version. An unanswered put is looked up, then repeated. */
export const putTopic: Machine<Topic, PutTopicState, TopicRequest, TopicReply, PutTopicResult> = {
  start: (topic) => put({ topic, unsure: false }),
  step(state, [reply], expired) {
    if (reply?.kind !== 'put-topic') return put(state);
    const { outcome } = reply;
    if (outcome.kind === 'done') return end({ kind: 'put' });
    if (isPassing(outcome) || isUnsure(outcome)) {
      const unsure = state.unsure || isUnsure(outcome);
      if (expired) return end({ kind: 'expired', sent: unsure });
      return ask({ ...state, unsure }, pause);
    }
    const standing = outcome.item;
    const ours = state.unsure && standing !== undefined && isSame(standing, state.topic);
    return end(ours ? { kind: 'put' } : { kind: 'conflict', standing });
  },
};

function put(state: PutTopicState): PutStep {
  return ask(state, { kind: 'put-topic', topic: state.topic });
}

function isSame(a: Topic, b: Topic): boolean {
  const { id, version, partitions } = a;
  return (
    id === b.id &&
    version === b.version &&
    partitions === b.partitions &&
    JSON.stringify(a.configs) === JSON.stringify(b.configs)
  );
}
