import { must } from '../../std/assert.ts';
import type { ConditionalOutcome } from '../../ports/outcome.ts';
import { isPassing, isUnsure, pause } from '../log/requests.ts';
import { ask, end } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import type { KeyedRequest } from './keyed.ts';

export type KeyRequest =
  /** Puts it if absent (version 0), else on the version before. */
  { readonly kind: 'put-key'; readonly keyed: KeyedRequest } | typeof pause;

export type KeyReply =
  | { readonly kind: 'put-key'; readonly outcome: ConditionalOutcome<undefined, KeyedRequest> }
  | { readonly kind: 'wait'; readonly outcome: { readonly kind: 'done' } };

export type ReserveResult =
  /** What stands under the key, put by this call or an earlier one: send this, and only this. */
  | { readonly kind: 'reserved'; readonly keyed: KeyedRequest }
  /** The key was used for another request. */
  | { readonly kind: 'body-differs' }
  /** Nothing was sent; whoever tries again under this key does no harm. */
  | { readonly kind: 'expired' };

/** Reserves a key before anything is sent. Whoever finds an item uses what is in it. */
export const reserveKey: Machine<KeyedRequest, KeyedRequest, KeyRequest, KeyReply, ReserveResult> =
  {
    start: put,
    step(keyed, [reply], expired) {
      if (reply?.kind !== 'put-key') return put(keyed);
      const { outcome } = reply;
      if (isPassing(outcome) || isUnsure(outcome)) {
        return expired ? end({ kind: 'expired' }) : ask(keyed, pause);
      }
      if (outcome.kind === 'done') return end({ kind: 'reserved', keyed });
      const standing = must(outcome.item, 'the standing key');
      return standing.bodyHash === keyed.bodyHash
        ? end({ kind: 'reserved', keyed: standing })
        : end({ kind: 'body-differs' });
    },
  };

function put(keyed: KeyedRequest): Step<KeyedRequest, KeyRequest, ReserveResult> {
  return ask(keyed, { kind: 'put-key', keyed });
}

/**
 * Records the offsets under the key, on its version. Losing the race or the time does no harm: who
 * comes after walks the log under the same ids and finds the same offsets.
 */
export const recordKey: Machine<KeyedRequest, KeyedRequest, KeyRequest, KeyReply, 'ended'> = {
  start: (keyed) => ask(keyed, { kind: 'put-key', keyed }),
  step(keyed, [reply], expired) {
    if (reply?.kind !== 'put-key') return ask(keyed, { kind: 'put-key', keyed });
    const again = isPassing(reply.outcome) && !expired;
    return again ? ask(keyed, pause) : end('ended');
  },
};
