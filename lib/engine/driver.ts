import type { Machine } from '../core/machine.ts';
import { together } from './together.ts';

/** A time on the monotonic clock after which a machine no longer tries again. */
export interface Deadline {
  readonly expired: () => boolean;
}

/**
 * Runs a step machine on the ports: makes the calls it asks for, all of a step in parallel, and
 * tells it how each ended. The only place where a machine meets the world.
 */
export async function drive<Input, State, Request, Reply, Result>(
  machine: Machine<Input, State, Request, Reply, Result>,
  input: Input,
  perform: (request: Request) => Promise<Reply>,
  deadline: Deadline,
): Promise<Result> {
  let step = machine.start(input);
  while (step.kind === 'ask') {
    const { state, requests } = step;
    const replies =
      requests.length === 1
        ? [await perform(requests[0] as Request)]
        : await together(requests.map(perform));
    step = machine.step(state, replies, deadline.expired());
  }
  return step.result;
}
