import type { Machine } from '../../../lib/core/machine.ts';
import { execute } from '../../sim/explorer/groups/world.ts';
import type { SimRequest, World } from '../../sim/explorer/groups/world.ts';

export interface Run<Result> {
  readonly result: Result;
  readonly world: World;
  readonly calls: readonly SimRequest['kind'][];
}

/** Runs a machine alone, on a table that always answers. More calls, and its time is up. */
export function runOn<Input, State, Request extends SimRequest, Reply, Result>(
  before: World,
  machine: Machine<Input, State, Request, Reply, Result>,
  input: Input,
  callsMax = 200,
): Run<Result> {
  let world = before;
  const calls: SimRequest['kind'][] = [];
  let step = machine.start(input);
  while (step.kind === 'ask') {
    const replies = step.requests.map((request) => {
      calls.push(request.kind);
      const executed = execute(world, request);
      ({ world } = executed);
      return executed.reply as Reply;
    });
    step = machine.step(step.state, replies, calls.length > callsMax);
  }
  return { result: step.result, world, calls };
}
