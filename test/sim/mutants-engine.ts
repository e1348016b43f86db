import { change } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const engine = 'lib/engine';

/** Of what stands between the machines and the ports: appender, uploads, caches, conditions. */
export const engineMutants: readonly Mutant[] = [
  {
    name: 'verdict-of-the-first-run-for-all',
    about: 'runs of a group commit are answered with the verdict of another',
    changes: change(
      `${engine}/appender.ts`,
      "must(result.verdicts[run], 'verdict')",
      "must(result.verdicts[0], 'verdict')",
    ),
  },
  {
    name: 'follower-told-success',
    about: 'a run behind another is told an offset although nothing is known of its commit',
    changes: change(
      `${engine}/appender.ts`,
      "return { kind: 'unknown', commandId };",
      `if (i > 0 && result.sight !== undefined) {
        const baseOffset = result.sight.replayed.head.end.offset;
        return { kind: 'decided', verdict: { kind: 'accepted', baseOffset }, before: staging.shares[i].before };
      }
      return { kind: 'unknown', commandId };`,
    ),
  },
  {
    name: 'follower-told-nothing-happened',
    about: 'a run behind another is told that nothing was appended although nobody knows',
    changes: change(
      `${engine}/appender.ts`,
      "return { kind: 'unknown', commandId };",
      "return { kind: i === 0 ? 'unknown' : 'not-committed', commandId };",
    ),
  },
  {
    name: 'place-in-a-joined-run-forgotten',
    about: 'who was joined to others is told the offset of the first of them',
    changes: change(
      `${engine}/open-run.ts`,
      'return { run: groups.length - 1, before };',
      'return { run: groups.length - 1, before: 0 };',
    ),
  },
  {
    name: 'runs-joined-across-producers',
    about: 'a sequence is lost in a joined run, and its retry is appended again',
    changes: change(
      `${engine}/open-run.ts`,
      'if (open.producer !== undefined || group[0]?.producer !== undefined) return false;',
      '',
    ),
  },
  {
    name: 'upload-not-acknowledged',
    about: 'an object is named that may not be there',
    changes: change(
      `${engine}/uploads.ts`,
      "const there = outcome.kind === 'done' || outcome.kind === 'condition-failed';",
      "const there = outcome.kind !== 'throttled';",
    ),
  },
  {
    name: 'old-object-under-a-new-epoch',
    about: 'what the floor refused is sent again without a new upload, and swept',
    changes: [
      {
        file: `${engine}/staging.ts`,
        find: "if (uploaded.kind === 'uploaded' && uploaded.epoch < floor) {",
        replace: "if (uploaded.kind === 'uploaded' && uploaded.epoch < 0) {",
      },
      {
        file: `${engine}/staging.ts`,
        find: "return { kind: 'data', id, runs, epoch };",
        replace: "return { kind: 'data', id, runs, epoch: Math.max(epoch, floor) };",
      },
    ],
  },
  {
    name: 'keyed-command-restaged-under-a-new-id',
    about: 'what the floor refused is appended twice by two who have the key',
    changes: change(
      `${engine}/appender.ts`,
      'const command = await staging.command(id, floor);',
      'const command = await staging.command(floor === 0 ? id : this.#context.env.ids.command(), floor);',
    ),
  },
  {
    name: 'stage-epoch-never-read-again',
    about: 'a process that has slept through a sweep can upload nothing any more',
    changes: change(
      `${engine}/stage-epoch.ts`,
      'if (this.#known === undefined || this.#known < floor) {',
      'if (this.#known === undefined) {',
    ),
  },
  {
    name: 'ranges-that-do-not-adjoin',
    about: 'a reader takes the bytes of one run for those of another',
    changes: change(
      `${engine}/get-places.ts`,
      'last.key === key && last.from + last.length === from',
      'last.key === key',
    ),
  },
  {
    name: 'indeterminate-is-unavailable',
    about: 'a write that may have happened is made again elsewhere',
    changes: change(
      `${engine}/outcomes.ts`,
      "if (outcome.kind !== 'condition-failed') return outcome;",
      `if (outcome.kind === 'indeterminate') return { kind: 'unavailable', cause: 'lost' };
  if (outcome.kind !== 'condition-failed') return outcome;`,
    ),
  },
  {
    name: 'slot-read-eventually',
    about: 'an older state of a slot is taken for the newest head',
    changes: change(
      `${engine}/perform-log.ts`,
      'await ports.env.table.get(slotKey(log, position), { consistent: true })',
      'await ports.env.table.get(slotKey(log, position), { consistent: false })',
    ),
  },
  {
    name: 'producer-read-eventually',
    about: 'an older state of a producer is brought to a slot',
    changes: change(
      `${engine}/perform-log.ts`,
      'await env.table.get(producerKey(log, producerId), { consistent: true })',
      'await env.table.get(producerKey(log, producerId), { consistent: false })',
    ),
  },
  {
    name: 'late-overflow-replaces-a-newer',
    about: 'a late put of a producer that left brings its old sequence back',
    changes: change(
      `${engine}/perform-log.ts`,
      'await env.table.put(encodeProducer(log, state, seq), condition)',
      "await env.table.put(encodeProducer(log, state, seq), { kind: 'any' })",
    ),
  },
  {
    name: 'proposal-replaced-at-any-epoch',
    about: 'a late proposal takes the place of a published group, and its object is swept',
    changes: change(
      `${engine}/perform-log.ts`,
      "const condition = { kind: 'absent-or-below', version: groupVersion(floor) } as const;",
      "const condition = { kind: 'any' } as const;",
    ),
  },
  {
    name: 'proposal-replaced-at-the-floor',
    about: 'the same, where the standing one is of the floor itself',
    changes: change(
      `${engine}/perform-log.ts`,
      "const condition = { kind: 'absent-or-below', version: groupVersion(floor) } as const;",
      "const condition = { kind: 'absent-or-below', version: groupVersion(floor) + 1 } as const;",
    ),
  },
  {
    name: 'first-slots-put-over-whatever-is-there',
    about: 'of two who open a slot in the first round the later one wins',
    changes: change(
      `${engine}/perform-log.ts`,
      "? ({ kind: 'absent' } as const)",
      "? ({ kind: 'any' } as const)",
    ),
  },
  {
    name: 'unpublished-group-is-read',
    about: 'a reader takes a proposal whose object may be swept',
    changes: change(`${engine}/perform-log.ts`, 'seq: before.seq - 1 });', 'seq: before.seq });'),
  },
];
