import type { TopicId } from '../../std/brands.ts';
import type { PartitionKey } from '../log/partition-key.ts';
import { byText } from './group.ts';
import type { MemberKey, TopicView } from './group.ts';

/** A member, the topics that it reads, and what it was to own until now. */
export interface Subscriber {
  readonly key: MemberKey;
  /** In the order of their names. */
  readonly topics: readonly TopicView[];
  readonly before: readonly PartitionKey[];
}

/** Members (by index) that read each topic, and the topics in the order of their names. */
export interface TopicReaders {
  readonly topic: TopicView;
  readonly readers: readonly number[];
}

export function readersByTopic(members: readonly Subscriber[]): readonly TopicReaders[] {
  const byId = new Map<TopicId, { topic: TopicView; readers: number[] }>();
  for (const [i, { topics }] of members.entries()) {
    for (const topic of topics) {
      const known = byId.get(topic.id);
      if (known === undefined) byId.set(topic.id, { topic, readers: [i] });
      else known.readers.push(i);
    }
  }
  return [...byId.values()].toSorted((a, b) => byText(a.topic.name, b.topic.name));
}
