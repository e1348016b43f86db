import { change } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const engine = 'lib/engine';
const topic = 'lib/core/topic';

/** Of topics, their deletion, what is due, and formats. */
export const topicMutants: readonly Mutant[] = [
  {
    name: 'unseen-partition-not-closed',
    about: 'a partition of which the deleting process has seen no slot stays open',
    changes: change(
      `${engine}/topic-deletion.ts`,
      "const command = { kind: 'close', id: engine.env.ids.command() } as const;",
      `if (engine.logs.sights.get(log) === undefined) return;
  const command = { kind: 'close', id: engine.env.ids.command() } as const;`,
    ),
  },
  {
    name: 'unknown-close-is-a-close',
    about: 'a deletion is acknowledged whose close may not be there',
    changes: change(
      `${engine}/topic-deletion.ts`,
      'throw new OutcomeUnknown(command.id, false);',
      '',
    ),
  },
  {
    name: 'deletion-told-before-its-closes',
    about: 'a deletion is acknowledged while others still append',
    changes: change(
      `${engine}/topic-deletion.ts`,
      'await deleteMarked(engine, marked.gone);',
      'deleteMarked(engine, marked.gone).catch(() => undefined);',
    ),
  },
  {
    name: 'name-freed-before-its-closes',
    about: 'the next topic of a name begins while others append to the one before',
    changes: change(
      `${engine}/topic-deletion.ts`,
      `  await eachPartition(gone, (partition) => closePartition(engine, gone.id, partition));
  await engine.catalog.freeName(gone);`,
      `  await engine.catalog.freeName(gone);
  await eachPartition(gone, (partition) => closePartition(engine, gone.id, partition));`,
    ),
  },
  {
    name: 'name-of-the-next-topic-freed',
    about: 'who finishes an old deletion takes the name from the next topic',
    changes: change(
      `${engine}/catalog.ts`,
      'if (topic === undefined || topic.id !== gone.id || !topic.deleting) return;',
      'if (topic === undefined) return;',
    ),
  },
  {
    name: 'deletion-of-the-next-topic',
    about: 'a deletion whose mark was not answered marks the next topic of the name too',
    changes: change(
      `${topic}/mark-topic.ts`,
      'if (before !== undefined && topic?.id !== before.id) {',
      'if (before !== undefined && topic === undefined) {',
    ),
  },
  {
    name: 'names-are-deleted',
    about: 'a late copy of a creation or change finds an empty place, or its version again',
    changes: [
      {
        file: `${engine}/catalog.ts`,
        find: 'const item = freeNameItem(gone.name, version + 1);',
        replace: 'const key = topicKey(gone.name);',
      },
      {
        file: `${engine}/catalog.ts`,
        find: "await this.#write(() => table.put(item, { kind: 'version', version }));",
        replace: "await this.#write(() => table.delete(key, { kind: 'version', version }));",
      },
    ],
  },
  {
    name: 'topic-changed-on-any-version',
    about: 'a late change brings back what the topic was',
    changes: change(
      `${engine}/perform-rest.ts`,
      "version === 0 ? { kind: 'absent' } : { kind: 'version', version: version - 1 };",
      "version === 0 ? { kind: 'absent' } : { kind: 'any' };",
    ),
  },
  {
    name: 'topic-read-eventually',
    about: 'a topic that was created, or deleted, is not seen to be',
    changes: change(
      `${engine}/perform-rest.ts`,
      'await table.get(topicKey(name), { consistent: true }), topicAt);\n}',
      'await table.get(topicKey(name), { consistent: false }), topicAt);\n}',
    ),
  },
  {
    name: 'conflict-is-done',
    about: 'a transaction that did not happen is taken for the mark',
    changes: change(
      `${topic}/mark-topic.ts`,
      "if (reply.outcome.kind === 'done') {",
      "if (reply.outcome.kind === 'done' || reply.outcome.kind === 'conflict') {",
    ),
  },
  {
    name: 'stubs-before-the-closes',
    about: 'maintenance empties partitions that still take appends',
    changes: change(
      `${engine}/topic-deletion.ts`,
      `  if (gone === undefined) return true;
  await deleteMarked(engine, gone);`,
      '  if (gone === undefined) return true;',
    ),
  },
  {
    name: 'due-deleted-before-the-work',
    about: 'what is due is forgotten by a process that dies over it',
    changes: change(
      'lib/maintain/pass.ts',
      'const finished = await run(engine, subject).catch(whenNoAnswer);',
      `await engine.catalog.deleteDue(due);
  const finished = await run(engine, subject).catch(whenNoAnswer);`,
    ),
  },
  {
    name: 'marked-without-a-due-item',
    about: 'nobody finds a deletion that was left half done',
    changes: change(
      `${engine}/perform-rest.ts`,
      "    { kind: 'put', item: encodeDue(due), condition: { kind: 'any' } },\n",
      '',
    ),
  },
  {
    name: 'unknown-format-is-read',
    about: 'a process that does not know a format writes on',
    changes: change(
      'lib/store/format.ts',
      'if (format > formatNumber) throw new UnknownFormat(`unknown format=${format}`);',
      'if (format > formatNumber) return;',
    ),
  },
  {
    name: 'unknown-fields-dropped',
    about: 'an older release loses what a newer one has added to a topic',
    changes: change(
      'lib/store/json-body.ts',
      'const kept = before === undefined ? {} : decodeJson(before).fields;',
      'const kept = {};',
    ),
  },
];
