import type { PartitionKey } from '../core/log/partition-key.ts';
import { isPassing, pause } from '../core/log/requests.ts';
import type { LogReply, LogRequest } from '../core/log/requests.ts';
import { ask, end } from '../core/machine.ts';
import type { Machine, Step } from '../core/machine.ts';

export interface UploadInput {
  readonly log: PartitionKey;
  readonly bytes: readonly Uint8Array[];
  /** The lowest stage epoch that the log still takes. */
  readonly floor: number;
}

export type Uploaded =
  | { readonly kind: 'uploaded'; readonly key: string; readonly epoch: number }
  /** Nothing refers to it: at worst an object that the sweep will find. */
  | { readonly kind: 'expired' };

type UploadState = UploadInput & { readonly object: { key: string; epoch: number } | undefined };
type UploadStep = Step<UploadState, LogRequest, Uploaded>;

/** Puts an object under a new name and awaits it: bytes first, order second. */
export const uploadObject: Machine<UploadInput, UploadState, LogRequest, LogReply, Uploaded> = {
  start: (input) => askNames({ ...input, object: undefined }),
  step(state, [reply], expired) {
    switch (reply?.kind) {
      case 'new-names':
        if (reply.outcome.kind !== 'done') return again(state, expired);
        return put({
          ...state,
          object: { key: reply.outcome.value.object, epoch: reply.outcome.value.epoch },
        });
      case 'put-object': {
        const { outcome } = reply;
        // The name is new, so what lies there is our own earlier copy.
        const there = outcome.kind === 'done' || outcome.kind === 'condition-failed';
        if (there && state.object !== undefined) return end({ kind: 'uploaded', ...state.object });
        return isPassing(outcome) || expired ? again(state, expired) : put(state);
      }
      default:
        return state.object === undefined ? askNames(state) : put(state);
    }
  },
};

function askNames(state: UploadState): UploadStep {
  return ask(state, { kind: 'new-names', log: state.log, floor: state.floor });
}

function put(state: UploadState): UploadStep {
  const key = state.object?.key ?? '';
  return ask(state, { kind: 'put-object', key, bytes: state.bytes });
}

function again(state: UploadState, expired: boolean): UploadStep {
  return expired ? end({ kind: 'expired' }) : ask(state, pause);
}
