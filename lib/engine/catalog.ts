import type { Due, GoneTopic, Topic } from '../core/topic/topic.ts';
import type { Environment } from '../ports/environment.ts';
import type { Condition, Item, ItemKey } from '../ports/metadata-table.ts';
import type { ConditionalOutcome, ReadOutcome } from '../ports/outcome.ts';
import type { TopicId } from '../std/brands.ts';
import { decodeDue, dueBuckets, dueKey, dueRange } from '../store/due.ts';
import { decodeGoneTopic, goneTopicKey } from '../store/gone-topic.ts';
import { stagePrefix } from '../store/object-keys.ts';
import { clusterKey, decodeCluster, encodeCluster } from '../store/system.ts';
import { freeNameItem, topicAt, topicKey, topicRange, topicsPk } from '../store/topic.ts';
import type { Deadline } from './driver.ts';
import { mapRead, queryAll } from './outcomes.ts';
import type { StageEpoch } from './stage-epoch.ts';
import { together } from './together.ts';
import { noAnswer, readUntilAnswered, writeUntilAnswered } from './until-answered.ts';

/** Topics, deletions, what is due, the cluster's name: everything that is not a log. */
export class Catalog {
  readonly #env: Environment;
  readonly #stage: StageEpoch;
  readonly #deadline: () => Deadline;
  #clusterId: string | undefined;

  constructor(env: Environment, stage: StageEpoch, deadline: () => Deadline) {
    this.#env = env;
    this.#stage = stage;
    this.#deadline = deadline;
  }

  /** In the order of their names. `free`: the versions of names that topics once had. */
  async listTopics(): Promise<{
    readonly topics: readonly Topic[];
    readonly free: ReadonlyMap<string, number>;
  }> {
    const items = await this.#read(() => queryAll(this.#env.table, topicsPk, topicRange));
    const topics: Topic[] = [];
    const free = new Map<string, number>();
    for (const item of items) {
      const topic = topicAt(item);
      if (topic === undefined) free.set(item.sk, item.version);
      else topics.push(topic);
    }
    return { topics, free };
  }

  /** Random, chosen once per table. */
  async clusterId(): Promise<string> {
    if (this.#clusterId !== undefined) return this.#clusterId;
    const { table, ids } = this.#env;
    let found = await this.#findClusterId();
    if (found === undefined) {
      const cluster = encodeCluster({ clusterId: ids.topic(), featureLevel: 1, version: 0 });
      await this.#write(() => table.put(cluster, { kind: 'absent' }));
      found = await this.#findClusterId();
    }
    if (found === undefined) throw noAnswer('the write');
    this.#clusterId = found;
    return found;
  }

  /** Whether it is called so. If it has no name yet, none is chosen: a door to read never writes. */
  async isClusterId(id: string): Promise<boolean> {
    this.#clusterId ??= await this.#findClusterId();
    return id === this.#clusterId;
  }

  async #findClusterId(): Promise<string | undefined> {
    const { table } = this.#env;
    const cluster = await this.#read(async () =>
      mapRead(await table.get(clusterKey, { consistent: true }), decodeCluster),
    );
    return cluster?.clusterId;
  }

  async readGone(id: TopicId): Promise<GoneTopic | undefined> {
    const { table } = this.#env;
    return this.#read(async () =>
      mapRead(await table.get(goneTopicKey(id), { consistent: true }), decodeGoneTopic),
    );
  }

  /** Removes the name of a marked topic, so that it can be taken again. */
  async freeName(gone: Pick<GoneTopic, 'id' | 'name'>): Promise<void> {
    const { table } = this.#env;
    const topic = await this.#read(async () =>
      mapRead(await table.get(topicKey(gone.name), { consistent: true }), topicAt),
    );
    if (topic === undefined || topic.id !== gone.id || !topic.deleting) return;
    const { version } = topic;
    const item = freeNameItem(gone.name, version + 1);
    await this.#write(() => table.put(item, { kind: 'version', version }));
  }

  async deleteGone(gone: GoneTopic): Promise<boolean> {
    return this.#delete(goneTopicKey(gone.id), { kind: 'version', version: gone.version });
  }

  /** False: not all of them are certainly gone. */
  async deleteObjectsOf(id: TopicId): Promise<boolean> {
    const current = await this.#read(() => this.#stage.atLeast(0));
    for (let epoch = 0; epoch <= current; epoch += 1) {
      if (!(await this.#deletePrefix(`${stagePrefix(epoch)}${id}/`))) return false;
    }
    return true;
  }

  async #deletePrefix(prefix: string): Promise<boolean> {
    const { objects } = this.#env;
    for (;;) {
      const { keys } = await this.#read(() => objects.list(prefix));
      if (keys.length === 0) return true;
      const deleted = await objects.delete(keys);
      if (deleted.kind !== 'done' || deleted.value.length < keys.length) return false;
    }
  }

  /** Everything up to a time, in no order. */
  async readDue(nowMs: number): Promise<readonly Due[]> {
    const { table } = this.#env;
    const pages = await together(
      dueBuckets.map((bucket) => this.#read(() => queryAll(table, bucket, dueRange(nowMs)))),
    );
    return pages.flat().map(decodeDue);
  }

  async deleteDue(due: Due): Promise<void> {
    await this.#delete(dueKey(due), { kind: 'version', version: due.version });
  }

  #read<T>(call: () => Promise<ReadOutcome<T>>): Promise<T> {
    return readUntilAnswered(this.#env, this.#deadline(), call);
  }

  /** On its version, until it is certain. True: it is gone; false: another stands there. */
  async #delete(key: ItemKey, condition: Condition): Promise<boolean> {
    const outcome = await this.#write(() => this.#env.table.delete(key, condition));
    if (outcome.kind === 'condition-failed') return outcome.item === undefined;
    return outcome.kind === 'done';
  }

  #write(
    call: () => Promise<ConditionalOutcome<undefined, Item>>,
  ): Promise<ConditionalOutcome<undefined, Item>> {
    return writeUntilAnswered(this.#env, this.#deadline(), call);
  }
}
