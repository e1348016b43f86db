import type { TopicView } from '../core/group/group.ts';
import { validateTopicName } from '../core/topic/topic-name.ts';
import type { Clock } from '../ports/environment.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { TopicId } from '../std/brands.ts';
import type { Catalog } from './catalog.ts';
import { together } from './together.ts';
import type { Topics } from './topics.ts';

/** What is computed from a list is computed from one that is at most so old. */
const recentMs = 10_000;

/** Topics by name. */
export interface TopicNames {
  readonly byName: ReadonlyMap<string, TopicView>;
}

/** All topics, as groups see them, at some time. */
export interface TopicList extends TopicNames {
  readonly all: readonly TopicView[];
  readonly byId: ReadonlyMap<TopicId, TopicView>;
}

/**
 * The list of topics. To tell names from ids any list will do that knows them; to say who is to
 * own what it must be recent, or new topics would be found late.
 */
export class TopicViews {
  readonly #catalog: Catalog;
  readonly #topics: Topics;
  readonly #clock: Clock;
  #cached: { readonly list: TopicList; readonly at: number } | undefined;

  constructor(catalog: Catalog, topics: Topics, clock: Clock) {
    this.#catalog = catalog;
    this.#topics = topics;
    this.#clock = clock;
  }

  /** At most ten seconds old, and satisfying unless it is new. */
  async recent(satisfies: (list: TopicList) => boolean = () => true): Promise<TopicList> {
    const cached = this.#cached;
    const isRecent = cached !== undefined && this.#clock.monotonic() - cached.at < recentMs;
    return isRecent && satisfies(cached.list) ? cached.list : this.fresh();
  }

  /** Of any age if it satisfies, else new. */
  async known(satisfies: (list: TopicList) => boolean): Promise<TopicList> {
    const list = this.#cached?.list;
    return list !== undefined && satisfies(list) ? list : this.fresh();
  }

  /** As it is now. */
  async fresh(): Promise<TopicList> {
    const at = this.#clock.monotonic();
    const { topics } = await this.#catalog.listTopics();
    const all = topics.filter(({ deleting }) => !deleting);
    const list = {
      all,
      byName: new Map(all.map((view) => [view.name, view])),
      byId: new Map(all.map((view) => [view.id, view])),
    };
    this.#cached = { list, at };
    return list;
  }

  /** Those of these names that there are, as they are now: one read each. */
  async freshOf(names: Iterable<string>): Promise<TopicNames> {
    const found = await together([...new Set(names)].map((name) => this.#find(name)));
    const views = found.filter((one) => one !== undefined);
    return { byName: new Map(views.map((view) => [view.name, view])) };
  }

  async #find(name: string): Promise<TopicView | undefined> {
    // No key of the table need be made of what no topic can be called.
    if (validateTopicName(name) !== undefined) return undefined;
    try {
      return (await this.#topics.fresh(name)).topic;
    } catch (error) {
      const isUnknown =
        error instanceof ProtocolError && error.kafka === 'UNKNOWN_TOPIC_OR_PARTITION';
      if (!isUnknown) throw error;
      return undefined;
    }
  }
}
