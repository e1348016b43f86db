import { change } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const log = 'lib/core/log';

/** Of replay's verdicts on data, and of what a head's bounds mean to readers. */
export const replayMutants: readonly Mutant[] = [
  {
    name: 'duplicate-told-at-the-end',
    about: 'a repetition is answered with an offset that is not its own',
    changes: change(
      `${log}/apply-data.ts`,
      'const { baseOffset } = sequence.batch;',
      'const baseOffset = head.end.offset;',
    ),
  },
  {
    name: 'epoch-before-is-taken',
    about: 'a late batch of the epoch before is appended behind the next',
    changes: change(
      `${log}/producers.ts`,
      'if (state !== undefined && producer.epoch < state.epoch) {',
      'if (state !== undefined && producer.epoch < state.epoch - 1) {',
    ),
  },
  {
    name: 'own-epoch-is-refused',
    about: 'a producer is fenced by itself',
    changes: change(
      `${log}/producers.ts`,
      'if (state !== undefined && producer.epoch < state.epoch) {',
      'if (state !== undefined && producer.epoch <= state.epoch) {',
    ),
  },
  {
    name: 'new-epoch-begins-anywhere',
    about: 'a batch overtakes the first of its epoch',
    changes: change(
      `${log}/producers.ts`,
      "return first === 0 ? { kind: 'next' }",
      "return first >= 0 ? { kind: 'next' }",
    ),
  },
  {
    name: 'gap-is-taken',
    about: 'a batch overtakes the one before it in its sequence',
    changes: change(
      `${log}/producers.ts`,
      'return first === addSequence(lastSequence(state), 1)',
      'return first >= addSequence(lastSequence(state), 1)',
    ),
  },
  {
    name: 'only-the-last-batch-remembered',
    about: 'a batch that others of its producer have followed cannot be repeated',
    changes: change(`${log}/producers.ts`, '].slice(-batchesMax),', '].slice(-1),'),
  },
  {
    name: 'batches-of-the-epoch-before-remembered',
    about: 'a new batch is taken for one of the epoch before that has its sequence',
    changes: change(
      `${log}/producers.ts`,
      'batches: [...(sameEpoch ? state.batches : []), ...added]',
      'batches: [...(state?.batches ?? []), ...added]',
    ),
  },
  {
    name: 'brought-state-over-the-head',
    about: 'state read before others appended counts more than what the head knows',
    changes: change(
      `${log}/producers.ts`,
      '  if (state !== undefined) return { state };\n  if (brought === undefined',
      `  if (state !== undefined && !brought?.states.some((each) => each.producerId === id)) return { state };
  if (brought === undefined`,
    ),
  },
  {
    name: 'closed-log-takes-data',
    about: 'an acknowledged record goes to a deleted topic',
    changes: change(
      `${log}/apply.ts`,
      "if (head.closed && command.kind !== 'close') return refused('closed');",
      '',
    ),
  },
  {
    name: 'closed-log-read-on',
    about: 'a deleted topic is read until its slots are stubs',
    changes: change(
      `${log}/read-machine.ts`,
      "if (newest?.head.closed === true) return end({ kind: 'closed' });",
      '',
    ),
  },
  {
    name: 'floor-one-late',
    about: 'an object of the epoch below the floor is named, and swept',
    changes: change(
      `${log}/apply.ts`,
      'command.epoch < head.floor;',
      'command.epoch < head.floor - 1;',
    ),
  },
  {
    name: 'group-published-twice',
    about: 'the second publication of a group counts for the next',
    changes: change(
      `${log}/apply.ts`,
      'next !== undefined && same(command.from, head.spilled) && same(command.to, next);',
      'next !== undefined;',
    ),
  },
  {
    name: 'proposal-below-the-floor',
    about: 'a group is proposed under an epoch that replay refuses, for ever',
    changes: change(
      `${log}/propose-group.ts`,
      "{ kind: 'new-names', log, floor: head.floor }",
      "{ kind: 'new-names', log, floor: 0 }",
    ),
  },
  {
    name: 'highest-timestamp-of-the-last',
    about: 'of records with the highest timestamp the last one is told, not the first',
    changes: change(
      `${log}/apply-data.ts`,
      'const raises = run.maxTimestamp > head.maxTimestamp;',
      'const raises = run.maxTimestamp >= head.maxTimestamp;',
    ),
  },
  {
    name: 'end-of-the-groups-is-in-a-group',
    about: 'the first offset of the ring is looked for where nothing holds it',
    changes: change(
      `${log}/fetch-plan.ts`,
      'wanted < head.spilled.offset ?',
      'wanted <= head.spilled.offset ?',
    ),
  },
  {
    name: 'end-of-the-log-is-out-of-range',
    about: 'a consumer that has read all is told to begin anew',
    changes: change(
      `${log}/fetch-plan.ts`,
      'wanted > head.end.offset)',
      'wanted >= head.end.offset)',
    ),
  },
  {
    name: 'full-slot-is-the-newest',
    about: 'a reader does not look behind a slot that is full',
    changes: change(
      `${log}/read-machine.ts`,
      'return isFull(slot) ? find(walked, { near: slot.seq }) : collect(walked);',
      'return collect(walked);',
    ),
  },
  {
    name: 'successor-is-overlooked',
    about: 'a reader takes a slot for the newest although its successor is there',
    changes: change(
      `${log}/read-machine.ts`,
      'const isNewest = last !== undefined && (slot === undefined || slot.seq < last.seq);',
      'const isNewest = last !== undefined;',
    ),
  },
  {
    name: 'search-ends-within-its-reach',
    about: 'the last slot of a range is taken for the newest of the ring',
    changes: change(
      `${log}/find-newest.ts`,
      'state.from <= next && next <= state.to;',
      'state.from <= next;',
    ),
  },
];
