import type { ExploredMutant } from './mutant.ts';

const log = 'lib/core/log';

/** Of the append machine, its advance, and what it brings of producers. */
export const appendMutants: readonly ExploredMutant[] = [
  {
    name: 'advance-carries-no-spill',
    about: 'a ring that is full is stuck for ever',
    changes: [
      {
        file: `${log}/advance.ts`,
        find: 'if (carry !== undefined && afterCarry(state, next) !== next.snapshot) commands.unshift(carry);',
        replace: '',
      },
    ],
    scenario: 'A1',
  },
  {
    name: 'advance-judges-room-without-its-carry',
    about: 'the proposal is made again and again, and nothing moves',
    changes: [
      {
        file: `${log}/advance.ts`,
        find: 'if (!hasRoom(afterCarry(state, next), config)) {',
        replace: 'if (!hasRoom(next.snapshot, config)) {',
      },
    ],
    scenario: 'A1',
  },
  {
    name: 'room-off-by-one',
    about: 'a slot is overwritten that is not published',
    changes: [
      {
        file: `${log}/slot.ts`,
        find: 'return head.end.seq - config.ringSlots < head.spilled.seq;',
        replace: 'return head.end.seq - config.ringSlots <= head.spilled.seq;',
      },
    ],
    scenario: 'A1',
  },
  {
    name: 'older-slots-unchecked',
    about: 'resent to a later slot although a copy may lie in an older one',
    changes: [
      {
        file: `${log}/append-machine.ts`,
        find: 'const mustCheck = input.walk !== undefined || state.unsure.length > 0;',
        replace: 'const mustCheck = input.walk !== undefined;',
      },
    ],
    scenario: 'A1',
  },
  {
    name: 'first-slot-forgotten',
    about: 'a copy put in an empty log is not looked for in the first slot',
    changes: [
      {
        file: `${log}/append-machine.ts`,
        find: 'next: state.next ?? firstOpening.snapshot.end',
        replace: 'next: state.next',
      },
    ],
    scenario: 'A1',
  },
  {
    name: 'one-refused-copy-for-all',
    about: 'a failed condition of one copy is read as the end of all copies',
    changes: [
      {
        file: `${log}/append-machine.ts`,
        find: "return item === 'stub' ? go('stub', state) : go('raced', seen(state, item));",
        replace:
          "return item === 'stub' ? go('stub', state) : go('raced', seen({ ...state, unsure: [] }, item));",
      },
    ],
    scenario: 'B3',
  },
  {
    name: 'indeterminate-append-is-not-committed',
    about: 'a lost answer is told as not committed',
    changes: [
      {
        file: `${log}/append-machine.ts`,
        find: "const unsure = [...state.unsure, { seq, by: 'append' as const }];",
        replace: 'const { unsure } = state;',
      },
    ],
    scenario: 'B4',
  },
  {
    name: 'indeterminate-advance-is-not-committed',
    about: 'the same for a slot that was put',
    changes: [
      {
        file: `${log}/advance.ts`,
        find: "const unsure = [...state.unsure, { seq: slot.seq, by: 'put' as const }];",
        replace: 'const { unsure } = state;',
      },
    ],
    scenario: 'A2',
  },
  {
    name: 'append-dead-once-read',
    about: 'an append counts as dead although its slot still has room',
    changes: [
      {
        file: `${log}/append-machine.ts`,
        find: "return by === 'append' && !isFull(slot);",
        replace: 'return false;',
      },
    ],
    scenario: 'B4',
  },
  {
    name: 'second-copy-evaluated-afresh',
    about: 'two copies in one slot are both accepted',
    changes: [
      {
        file: `${log}/slot.ts`,
        find: 'const first = decided(entries, command.id);',
        replace: 'const first = decided([], command.id);',
      },
    ],
    scenario: 'B4',
  },
  {
    name: 'copy-below-the-floor-decides',
    about: 'a copy refused for its floor hides the one that was staged again',
    changes: [
      {
        file: `${log}/slot.ts`,
        find: '(entry) => entry.command.id === id && !isBelowFloor(entry.after, entry.command),',
        replace: '(entry) => entry.command.id === id,',
      },
    ],
    scenario: 'F4',
  },
  {
    name: 'brought-counts-in-any-slot',
    about: 'state of a producer read for one slot is sent to another, and counts there',
    changes: [
      {
        file: `${log}/brought.ts`,
        find: 'return takes && has && brought.slot === seq ?',
        replace: 'return takes && has && brought.slot <= seq ?',
      },
      {
        file: `${log}/producers.ts`,
        find: "if (brought === undefined || brought.slot !== head.end.seq) return 'unknown';",
        replace: "if (brought === undefined) return 'unknown';",
      },
      {
        file: `${log}/advance.ts`,
        find: 'if (state.brought?.slot === seq) return puts;',
        replace: 'if (state.brought !== undefined) return puts;',
      },
    ],
    scenario: 'D1',
  },
  {
    name: 'brought-reused-across-an-advance',
    about: 'the state read before an advance is sent as if read after it',
    changes: [
      {
        file: `${log}/advance.ts`,
        find: 'if (state.brought?.slot === seq) return puts;',
        replace: 'if (state.brought !== undefined) return puts;',
      },
    ],
    scenario: 'D1',
  },
  {
    name: 'overflow-omitted',
    about: 'producers leave the head and are forgotten',
    changes: [
      {
        file: `${log}/advance.ts`,
        find: 'const leaving = state.evictedFor === seq ? [] : next.leaving;',
        replace: 'const leaving = [next.leaving, []][1] ?? [];',
      },
    ],
    scenario: 'D1',
  },
  {
    name: 'overflow-not-awaited',
    about: 'the advance goes on although the overflow may not be stored',
    changes: [
      {
        file: `${log}/advance.ts`,
        find: 'if (replies.some(({ outcome }) => isPassing(outcome) || isUnsure(outcome))) return undefined;',
        replace: 'if (replies.some(({ outcome }) => isPassing(outcome))) return undefined;',
      },
    ],
    scenario: 'D1',
  },
  {
    name: 'leaving-state-not-brought',
    about: 'who leaves at this very advance is taken for unknown',
    changes: [
      {
        file: `${log}/advance.ts`,
        find: 'const states = target.leaving.filter(({ producerId }) => wanted.includes(producerId));',
        replace: 'const states = target.leaving.filter(() => false);',
      },
    ],
    scenario: 'D1',
  },
  {
    name: 'expired-only-when-deleted',
    about: 'an old overflow that lands after the item was deleted counts as the state',
    changes: [
      {
        file: `${log}/advance.ts`,
        find: 'if (stored === undefined || stored.maxTimestamp < expiredBefore) continue;',
        replace: 'if (stored === undefined || expiredBefore < 0n) continue;',
      },
    ],
    scenario: 'D3',
  },
];
