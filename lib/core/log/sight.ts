import type { AppendState } from './append-state.ts';
import { ownStreak } from './append-state.ts';
import { replay } from './slot.ts';
import type { Slot } from './slot.ts';

/** Takes note of a slot, unless a newer one (or more of it) is known already. */
export function seen(state: AppendState, slot: Slot): AppendState {
  const before = state.sight;
  const { config, prefix } = state.input;
  const known = before?.replayed;
  if (before !== undefined && known !== undefined) {
    const { seq } = known.slot;
    if (slot.seq < seq) return state;
    if (slot.seq === seq) {
      if (slot.commands.length < known.entries.length) return state;
      return { ...state, sight: { ...before, replayed: replay(slot, config, known) } };
    }
  }
  const adjoins = before !== undefined && slot.seq === before.replayed.slot.seq + 1;
  const ownBefore = adjoins ? ownStreak(before, prefix) : 0;
  return { ...state, sight: { replayed: replay(slot, config), ownBefore } };
}
