import type { Topic } from '../core/topic/topic.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { topicId } from '../std/brands.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { int32Max } from './fields.ts';
import { decodeJson, encodeJson } from './json-body.ts';
import { plainItem } from './plain-item.ts';

/*
 * A topic, from its creation until nothing of it is left.
 *
 *     pk        TOPICS
 *     sk        <name>
 *     version   every change adds 1
 *     body      {v, id, partitions, configs: {<name>: <value>}, deleting}
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
