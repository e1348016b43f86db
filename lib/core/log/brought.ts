import type { AppendState } from './append-state.ts';
import type { Command } from './command.ts';

/** The command with what was read for exactly this slot; rebuilt for each slot it goes to. */
export function withBrought(state: AppendState, seq: number): Command {
  const { command } = state.input;
  const { brought } = state;
  const takes = command.kind === 'data' || command.kind === 'marker';
  const has = brought !== undefined && brought.states.length + brought.absent.length > 0;
  return takes && has && brought.slot === seq ? { ...command, brought } : command;
}
