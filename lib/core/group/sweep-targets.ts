import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { GroupState } from './group.ts';

import type { GroupReply, GroupRequest } from './requests.ts';

export interface SweepTargetsInput {
  readonly group: string;
}

/** What was not deleted will be found again. */
export interface SweepTargetsResult {
  readonly deleted: number;
}

export type SweepTargetsState =
  | { readonly phase: 'state' | 'delete'; readonly group: string }
  | { readonly phase: 'targets'; readonly group: string; readonly state: GroupState };

/**
 * Deletes targets that were put and never named, since a join or a rebalance lost its race, or its
 * process died. One of an epoch not above that of `STATE`, which `STATE` does not name, will never
 * be named: `STATE` is put on its version. 1 read, 1 query, and what there is to delete.
 */
export const sweepTargets: Machine<
  SweepTargetsInput,
  SweepTargetsState,
  GroupRequest,
  GroupReply,
  SweepTargetsResult
> = {
  start: ({ group }) => ask({ phase: 'state', group }, { kind: 'get-state', group }),

  step(state, replies) {
    const { group } = state;
    switch (state.phase) {
      case 'state': {
        const outcome = outcomeAt(replies, 0, 'get-state');
        if (outcome.kind !== 'done' || outcome.value === undefined) return end({ deleted: 0 });
        const upTo = outcome.value.epoch;
        const next: SweepTargetsState = { phase: 'targets', group, state: outcome.value };
        return ask(next, { kind: 'query-targets', group, upTo });
      }
      case 'targets': {
        const outcome = outcomeAt(replies, 0, 'query-targets');
        const found = outcome.kind === 'done' ? outcome.value : [];
        const deletes = found
          .filter(({ id }) => id !== state.state.target)
          .map(({ epoch, id }) => ({ kind: 'delete-target', group, epoch, id }) as const);
        if (deletes.length === 0) return end({ deleted: 0 });
        return ask({ phase: 'delete', group }, ...deletes);
      }
      case 'delete': {
        const done = replies.filter(({ outcome }) => outcome.kind === 'done');
        return end({ deleted: done.length });
      }
    }
  },
};
