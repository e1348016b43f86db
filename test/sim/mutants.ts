/** One protection removed, by a change of source text: production code has no switches. */
export interface Mutant {
  readonly name: string;
  /** What goes wrong without the protection. */
  readonly about: string;
  readonly changes: readonly Change[];
  /** The scenario of the explorer that must catch it. */
  readonly scenario: string;
}

interface Change {
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

const log = 'lib/core/log';

/** Each is caught by a scenario of the explorer's default suite. */
export const logMutants: readonly Mutant[] = [
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
  {
    name: 'floor-ignored-by-data',
    about: 'data names an object that the sweep deletes',
    changes: [
      {
        file: `${log}/apply.ts`,
        find: "    case 'data':\n    case 'spill':\n    case 'seal':",
        replace: "    case 'spill':\n    case 'seal':",
      },
    ],
    scenario: 'F1',
  },
  {
    name: 'floor-ignored-by-spill',
    about: 'a proposal is published whose object the sweep deletes',
    changes: [
      {
        file: `${log}/apply.ts`,
        find: "    case 'data':\n    case 'spill':\n    case 'seal':",
        replace: "    case 'data':\n    case 'seal':",
      },
    ],
    scenario: 'H1',
  },
  {
    name: 'object-not-awaited',
    about: 'a group is proposed although its object may not be there',
    changes: [
      {
        file: `${log}/propose-group.ts`,
        find: "const there = put.kind === 'done' || put.kind === 'condition-failed';",
        replace: "const there = put.kind !== 'throttled';",
      },
    ],
    scenario: 'A1',
  },
  {
    name: 'own-group-despite-standing',
    about: 'a proposal that stands is taken for the one that was refused',
    changes: [
      {
        file: `${log}/propose-group.ts`,
        find: "const standing = put.kind === 'done' ? own : must(put.item, 'the standing proposal');",
        replace: 'const standing = own;',
      },
    ],
    scenario: 'H1',
  },
  {
    name: 'group-of-other-slots',
    about: 'a group is built of slots that overwrote its own',
    changes: [
      {
        file: `${log}/propose-group.ts`,
        find: 'slots.length === count && slots.every((slot, i) => slot.seq === first + i && isFull(slot));',
        replace:
          'slots.length === count && first >= 0 && slots.every((slot) => slot.bytes > 0 || isFull(slot));',
      },
    ],
    scenario: 'A1',
  },
  {
    name: 'overwritten-is-absent',
    about: 'a slot that was overwritten is read as one without the id',
    changes: [
      {
        file: `${log}/check-older.ts`,
        find: 'if (slot === undefined || slot.seq !== next.seq) return miss(state);',
        replace:
          "if (slot === undefined) return miss(state);\n  if (slot.seq !== next.seq) return go('look', checked(state, slot.snapshot.end));",
      },
    ],
    scenario: 'C2',
  },
  {
    name: 'walk-skips-older-slots',
    about: 'a shared id is sent without a look at the slots before the newest',
    changes: [
      {
        file: `${log}/append-machine.ts`,
        find: 'next: input.walk,',
        replace: 'next: undefined,',
      },
    ],
    scenario: 'C1',
  },
  {
    name: 'shared-id-told-not-committed',
    about: 'a process vouches for the copies of others',
    changes: [
      {
        file: `${log}/append-machine.ts`,
        find: 'const certain = unsure.length === 0 && input.walk === undefined;',
        replace: 'const certain = unsure.length === 0;',
      },
    ],
    scenario: 'C2',
  },
  {
    name: 'slots-that-do-not-adjoin',
    about: 'a reader skips what was added between two reads',
    changes: [
      {
        file: `${log}/read-machine.ts`,
        find: 'if (replayed.head.end.offset !== first.snapshot.end.offset) return undefined;',
        replace: '',
      },
    ],
    scenario: 'G2',
  },
  {
    name: 'hint-is-trusted',
    about: 'the newest slot is taken to be where the hint points',
    changes: [
      {
        file: `${log}/find-newest.ts`,
        find: "return ask(walked, { kind: 'get-slot', log: state.input.log, position: next });",
        replace: "return end({ kind: 'found', newest, slots: walked.slots });",
      },
    ],
    scenario: 'A3',
  },
  {
    name: 'stub-is-overlooked',
    about: 'an append goes round a deleted topic',
    changes: [
      {
        file: `${log}/find-newest.ts`,
        find: "if (found.includes('stub')) return end({ kind: 'closed' });",
        replace: '',
      },
    ],
    scenario: 'E2',
  },
  {
    name: 'proposal-overwritten-despite-its-epoch',
    about: 'a late proposal replaces a published group by one whose object is swept',
    changes: [
      {
        file: 'test/sim/explorer/world.ts',
        find: 'if (item !== undefined && item.epoch >= floor) {',
        replace: 'if (item !== undefined && item.epoch > floor + 1_000) {',
      },
    ],
    scenario: 'H1',
  },
  {
    name: 'deletion-without-stubs',
    about: 'slots are deleted, and a late append opens the log anew',
    changes: [
      {
        file: 'test/sim/explorer/world.ts',
        find: "if (ring[request.position] !== undefined) ring[request.position] = 'stub';",
        replace: 'ring[request.position] = undefined;',
      },
    ],
    scenario: 'E1',
  },
  {
    name: 'transaction-read-before-the-slot',
    about: 'a batch verified before its slot was seen opens what is decided',
    changes: [
      {
        file: 'test/sim/explorer/transactions.ts',
        find: 'return withSender(state, choice.at, { saw: newestOrNext(state) });',
        replace:
          "return decision.phase !== 'empty' && decision.epoch === state.senders[choice.at]?.epoch ? withSender(state, choice.at, { saw: 0 }) : undefined;",
      },
      {
        file: 'test/sim/explorer/transactions.ts',
        find: 'if (decision.phase !== phase || decision.epoch !== sender.epoch) return seen;',
        replace: 'const aim = newestOrNext(state);',
      },
      {
        file: 'test/sim/explorer/transactions.ts',
        find: '{ slot: sender.saw, command: commandOf(state, sender, sender.saw) }',
        replace: '{ slot: aim, command: commandOf(state, sender, aim) }',
      },
      {
        file: 'test/sim/explorer/transactions.ts',
        find: 'const isCurrent = sender.saw === newest && verdict === undefined;',
        replace: 'const isCurrent = verdict === undefined;',
      },
    ],
    scenario: 'I1',
  },
  {
    name: 'marker-does-not-fence',
    about: 'a batch under way opens its transaction after a marker that found nothing open',
    changes: [
      {
        file: `${log}/apply-marker.ts`,
        find: "return { head: fence(head, marker, known.state), verdict: { kind: 'done' } };",
        replace: "return { head, verdict: { kind: 'done' } };",
      },
    ],
    scenario: 'I1',
  },
];
