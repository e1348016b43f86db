import type { ExploredMutant } from './mutant.ts';

const log = 'lib/core/log';

/** Of floor, spill groups, older slots, reads, deletion and transactions. */
export const levelMutants: readonly ExploredMutant[] = [
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
