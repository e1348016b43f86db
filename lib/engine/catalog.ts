import type { Due, GoneTopic, Topic } from '../core/topic/topic.ts';
import type { Environment } from '../ports/environment.ts';
import type { Condition, ItemKey } from '../ports/metadata-table.ts';
import type { ReadOutcome } from '../ports/outcome.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { TopicId } from '../std/brands.ts';
import { decodeDue, dueBuckets, dueKey, dueRange } from '../store/due.ts';
import { decodeGoneTopic, goneTopicKey } from '../store/gone-topic.ts';
import { stagePrefix } from '../store/object-keys.ts';
import { clusterKey, decodeCluster, encodeCluster } from '../store/system.ts';
import { decodeTopic, topicKey, topicRange, topicsPk } from '../store/topic.ts';
import type { Deadline } from './driver.ts';
import { mapRead, queryAll } from './outcomes.ts';
import type { StageEpoch } from './stage-epoch.ts';

const pauseMs = 50;

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

  /** In the order of their names. */
  async listTopics(): Promise<readonly Topic[]> {
    const items = await this.#read(() => queryAll(this.#env.table, topicsPk, topicRange));
    return items.map(decodeTopic);
  }

  /** Random, chosen once per table. */
  async clusterId(): Promise<string> {
    if (this.#clusterId !== undefined) return this.#clusterId;
    const { table, ids } = this.#env;
    let found = await this.#findClusterId();
    while (found === undefined) {
      const cluster = { clusterId: ids.topic(), featureLevel: 1, version: 0 };
      await table.put(encodeCluster(cluster), { kind: 'absent' });
      found = await this.#findClusterId();
    }
    this.#clusterId = found;
    return found;
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
      mapRead(await table.get(topicKey(gone.name), { consistent: true }), decodeTopic),
    );
    if (topic === undefined || topic.id !== gone.id || !topic.deleting) return;
    await this.#delete(topicKey(gone.name), { kind: 'version', version: topic.version });
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
    const pages = await Promise.all(
      dueBuckets.map((bucket) => this.#read(() => queryAll(table, bucket, dueRange(nowMs)))),
    );
    return pages.flat().map(decodeDue);
  }

  async deleteDue(due: Due): Promise<void> {
    await this.#delete(dueKey(due), { kind: 'version', version: due.version });
  }

  /** Until an answer comes. KAFKA_STORAGE_ERROR when time is up. */
  async #read<T>(call: () => Promise<ReadOutcome<T>>): Promise<T> {
    const deadline = this.#deadline();
    for (;;) {
      const outcome = await call();
      if (outcome.kind === 'done') return outcome.value;
      if (deadline.expired()) {
        throw new ProtocolError(
          'KAFKA_STORAGE_ERROR',
          `the store does not answer: ${outcome.kind}`,
        );
      }
      await this.#env.clock.sleep(this.#env.random.next() * pauseMs);
    }
  }

  /** On its version, until it is certain. True: it is gone; false: another stands there. */
  async #delete(key: ItemKey, condition: Condition): Promise<boolean> {
    const deadline = this.#deadline();
    for (;;) {
      const outcome = await this.#env.table.delete(key, condition);
      if (outcome.kind === 'done') return true;
      if (outcome.kind === 'condition-failed') return outcome.item === undefined;
      if (deadline.expired()) return false;
      await this.#env.clock.sleep(this.#env.random.next() * pauseMs);
    }
  }
}
