import type { Topic } from '../core/topic/topic.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { topicId } from '../std/brands.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { int32Max } from './fields.ts';
import { decodeJson, encodeJson } from './json-body.ts';
import { plainItem } from './plain-item.ts';

/*
 * A topic, from its creation until every partition of it is closed; then the free name.
 *
 *     pk        TOPICS
 *     sk        <name>
 *     version   every change adds 1, also when a name is freed, and when it is taken again
 *     body      {v, id, partitions, configs: {<name>: <value>}, deleting}, or {v, free: true}
 *
 * Names are freed, never deleted: a late copy of a change to a deleted topic must not find its
 * version on the next topic of this name, nor a late creation an empty place.
 */

export const topicsPk = 'TOPICS';

export const topicKey = (name: string): ItemKey => ({ pk: topicsPk, sk: name });

/** All topics, by name: letters, digits, dots, dashes and underscores. */
export const topicRange: QueryRange = { from: '-', to: '~' };

/** `before`: the item that it replaces, whose fields of a newer release it keeps. */
export function encodeTopic(topic: Topic, before?: Item): Item {
  const { name, id, partitions, configs, deleting, version } = topic;
  return plainItem(
    topicKey(name),
    version,
    encodeJson({ id, partitions, configs, deleting }, before),
  );
}

/** What a topic leaves of its name; `version`: that of the topic, and 1. */
export function freeNameItem(name: string, version: number): Item {
  return plainItem(topicKey(name), version, encodeJson({ free: true }));
}

/** The topic of this name; undefined if the name is free. As `decodeTopic`. */
export function topicAt(item: Item): Topic | undefined {
  return decodeJson(item).has('free') ? undefined : decodeTopic(item);
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeTopic(item: Item): Topic {
  const body = decodeJson(item);
  return {
    name: item.sk,
    id: topicId(body.string('id')),
    partitions: body.integer('partitions', 1, int32Max),
    configs: readConfigs(body.object('configs').fields),
    deleting: body.boolean('deleting'),
    version: item.version,
  };
}

function readConfigs(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const entries = Object.entries(fields).map(([name, value]): [string, string] => {
    if (typeof value === 'string') return [name, value];
    throw new MalformedBytes(`config is not text: name=${name}`);
  });
  return Object.fromEntries(entries);
}
