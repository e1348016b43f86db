import type { TopicView } from '../core/group/group.ts';
import type { Clock } from '../ports/environment.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { TopicId } from '../std/brands.ts';
import type { Catalog } from './catalog.ts';
import { together } from './together.ts';
import type { Topics } from './topics.ts';

/** A list this old is read again. Doors add: an unknown name or id reads it at once. */
const cachedMs = 10_000;

/** Topics by name. */
export interface TopicNames {
  readonly byName: ReadonlyMap<string, TopicView>;
}

/** All topics, as groups see them, at some time. */
export interface TopicList extends TopicNames {
  readonly all: readonly TopicView[];
  readonly byId: ReadonlyMap<TopicId, TopicView>;
}

/** The list of topics, at most ten seconds old. */
export class TopicViews {
  readonly #catalog: Catalog;
  readonly #topics: Topics;
  readonly #clock: Clock;
  #cached: { readonly list: TopicList; readonly at: number } | undefined;
  #reading: Promise<TopicList> | undefined;

  constructor(catalog: Catalog, topics: Topics, clock: Clock) {
    this.#catalog = catalog;
    this.#topics = topics;
    this.#clock = clock;
  }

  async list(): Promise<TopicList> {
    const cached = this.#cached;
    if (cached !== undefined && this.#clock.monotonic() - cached.at < cachedMs) return cached.list;
    // Whoever comes while it is read may share it: it will be new enough.
    this.#reading ??= this.fresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The list if it satisfies, else as it is now. */
  async listWith(satisfies: (list: TopicList) => boolean): Promise<TopicList> {
    const list = await this.list();
    return satisfies(list) ? list : this.fresh();
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
