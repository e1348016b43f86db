import { describe, expect, test } from 'vitest';
import { ownStreak } from '../../../lib/core/log/append-state.ts';
import type { AppendState, Sight } from '../../../lib/core/log/append-state.ts';
import { genesis } from '../../../lib/core/log/head.ts';
import { seen } from '../../../lib/core/log/sight.ts';
import { replay } from '../../../lib/core/log/slot.ts';
import type { Slot } from '../../../lib/core/log/slot.ts';
import { commandId, offset } from '../../../lib/std/brands.ts';
import { config, data, run } from './build.ts';

/** Slot `seq` with commands of these processes, in order. */
function slot(seq: number, ...prefixes: readonly string[]): Slot {
  const commands = prefixes.map((prefix, i) =>
    data([run()], { id: commandId(`${prefix}-${seq}-${i}`) }),
  );
  const snapshot = { ...genesis, end: { seq, offset: offset(0n) } };
  return { seq, snapshot, commands, bytes: 10 * commands.length, limit: 100 };
}

const sightOf = (of: Slot, ownBefore = 0): Sight => ({
  replayed: replay(of, config()),
  ownBefore,
});

/** What is known after this slot was seen, as if by a process that knew `sight`. */
function after(sight: Sight | undefined, of: Slot): Sight | undefined {
  // `seen` looks at nothing else.
  const state = { input: { config: config(), prefix: 'own' }, sight } as AppendState;
  return seen(state, of).sight;
}

describe("commands in a row that are one's own", () => {
  test('are counted from the last one back, over slots if all of them are', () => {
    expect(ownStreak(sightOf(slot(4, 'own', 'own'), 3), 'own')).toBe(5);
    expect(ownStreak(sightOf(slot(4), 3), 'own')).toBe(3);
    expect(ownStreak(sightOf(slot(4, 'own', 'other', 'own', 'own'), 3), 'own')).toBe(2);
    expect(ownStreak(sightOf(slot(4, 'own', 'other'), 3), 'own')).toBe(0);
  });

  test('are remembered into the next slot, and not over one that was not seen', () => {
    const before = sightOf(slot(4, 'own', 'own'), 3);
    expect(after(before, slot(5, 'own'))?.ownBefore).toBe(5);
    expect(after(before, slot(6, 'own'))?.ownBefore).toBe(0);
    expect(after(undefined, slot(5, 'own'))?.ownBefore).toBe(0);
    expect(after(before, slot(4, 'own', 'own', 'own'))?.ownBefore).toBe(3);
  });
});

describe('a sight never goes back', () => {
  const whole = slot(4, 'own', 'other', 'own');
  const before = sightOf(whole, 7);

  test('to an older slot, nor to less of the same one', () => {
    expect(after(before, slot(3, 'own'))).toBe(before);
    expect(after(before, { ...whole, commands: whole.commands.slice(0, 2) })).toBe(before);
  });

  test('and takes what was added', () => {
    const longer = { ...whole, commands: [...whole.commands, ...slot(9, 'other').commands] };
    expect(after(before, longer)).toEqual(sightOf(longer, 7));
  });
});
