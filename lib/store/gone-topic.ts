import { deleteTopicJob } from '../core/topic/mark-topic.ts';
import type { Due, GoneTopic } from '../core/topic/topic.ts';
import type { Item, ItemKey } from '../ports/metadata-table.ts';
import { topicId } from '../std/brands.ts';
import type { TopicId } from '../std/brands.ts';
import { int32Max } from './fields.ts';
import { decodeJson, encodeJson } from './json-body.ts';
import { plainItem } from './plain-item.ts';

/*
 * What is left to do of a topic's deletion. It goes last.
 *
 *     pk        GONE#<topic id>
 *     sk        STATE
 *     version   0
 *     body      {v, name, partitions}
 *
 * Each has a collection of its own, so none is found by a query: the DUE item
 * `delete-topic#<topic id>` is put before it and deleted after it, and leads to it.
 */

const pkPrefix = 'GONE#';

export const goneTopicKey = (id: TopicId): ItemKey => ({ pk: `${pkPrefix}${id}`, sk: 'STATE' });

/** The topic whose deletion a DUE item asks to go on with; undefined for another job. */
export function goneTopicOf(due: Due): TopicId | undefined {
  const prefix = `${deleteTopicJob}#`;
  return due.what.startsWith(prefix) ? topicId(due.what.slice(prefix.length)) : undefined;
}

export function encodeGoneTopic({ id, name, partitions, version }: GoneTopic): Item {
  return plainItem(goneTopicKey(id), version, encodeJson({ name, partitions }));
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeGoneTopic(item: Item): GoneTopic {
  const body = decodeJson(item);
  return {
    id: topicId(item.pk.slice(pkPrefix.length)),
    name: body.string('name'),
    partitions: body.integer('partitions', 1, int32Max),
    version: item.version,
  };
}
