import { expect } from 'vitest';
import type { Machine, Step } from '../../lib/core/machine.ts';

/**
 * Plays a machine by hand: each line of a script says what the machine must ask for, and how that
 * ends. Returns what it ends with.
 */
export function play<Input, State, Request extends { kind: string }, Reply, Result>(
  machine: Machine<Input, State, Request, Reply, Result>,
  input: Input,
  script: readonly {
    readonly asks: readonly Request['kind'][];
    readonly replies: readonly Reply[];
    readonly expired?: boolean;
  }[],
): { readonly result: Result; readonly asked: readonly Request[] } {
  let step: Step<State, Request, Result> = machine.start(input);
  const asked: Request[] = [];
  for (const line of script) {
    if (step.kind === 'end') throw new Error(`ended early, before asking for ${line.asks.join()}`);
    expect(step.requests.map(({ kind }) => kind)).toEqual(line.asks);
    asked.push(...step.requests);
    step = machine.step(step.state, line.replies, line.expired ?? false);
  }
  if (step.kind === 'ask') {
    throw new Error(`still asks for ${step.requests.map(({ kind }) => kind).join()}`);
  }
  return { result: step.result, asked };
}
