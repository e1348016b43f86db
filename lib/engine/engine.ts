import type { KeyReply, KeyRequest } from '../core/keyed/reserve-key.ts';
import type { LeaseReply, LeaseRequest } from '../core/lease/lease-machine.ts';
import { checkConfig, formatOne } from '../core/log/config.ts';
import type { LogConfig } from '../core/log/config.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import type { PriceSheet } from '../core/log/placement.ts';
import type { SpillGroup } from '../core/log/spill-group.ts';
import type { MarkReply, MarkRequest } from '../core/topic/mark-topic.ts';
import type { PurgeReply, PurgeRequest } from '../core/topic/purge-partition.ts';
import type { TopicReply, TopicRequest } from '../core/topic/put-topic.ts';
import type { Environment } from '../ports/environment.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { Offset } from '../std/brands.ts';
import { limits } from '../std/limits.ts';
import { commandBytes } from '../store/command-codec.ts';
import { snapshotBytes } from '../store/head-codec.ts';
import { Appender } from './appender.ts';
import { Catalog } from './catalog.ts';
import { Changes } from './changes.ts';
import { deadlineIn } from './deadlines.ts';
import type { Deadline } from './driver.ts';
import { Groups } from './groups.ts';
import type { LogContext } from './log-context.ts';
import { logPerformer } from './perform-log.ts';
import {
  getTopic,
  performKey,
  performLease,
  performMark,
  performPurge,
  performPut,
} from './perform-rest.ts';
import { Sights, logName } from './sights.ts';
import { StageEpoch } from './stage-epoch.ts';
import { together } from './together.ts';
import { TopicViews } from './topic-views.ts';
import { Topics } from './topics.ts';

export interface EngineOptions {
  readonly prices: PriceSheet;
  readonly onError: (error: unknown) => void;
  /** ms that work which begins now may take, where that is not always `limits.produceDeadlineMs`. */
  readonly workMs?: () => number;
  /** How long the offsets of a group are kept that has no members; 7 days by default. */
  readonly offsetsRetentionMs?: number;
  /** Tests use smaller rings, so that rare paths become common. */
  readonly config?: LogConfig;
}

/** The ring of format 1, with the sizes of its codec. */
export const logConfig: LogConfig = checkConfig({ ...formatOne, snapshotBytes, commandBytes });

/** Kafka's `producer.id.expiration.ms`. */
const producerExpiryMs = 24 * 60 * 60 * 1000;
/** Kafka's `offsets.retention.minutes`. */
const offsetsRetentionMsDefault = 7 * 24 * 60 * 60 * 1000;

/**
 * One process's share of the work: it drives the machines on the ports and remembers what it has
 * seen. Any number of engines work on one store; what one remembers is never trusted.
 */
export class Engine {
  readonly env: Environment;
  readonly logs: LogContext;
  readonly topics: Topics;
  readonly catalog: Catalog;
  readonly groups: Groups;
  readonly #appenders = new Map<string, Appender>();
  readonly #workMs: () => number;

  constructor(env: Environment, options: EngineOptions) {
    const config = options.config ?? logConfig;
    const stage = new StageEpoch(env.table);
    const sights = new Sights(env.clock);
    const lastSlot = (log: PartitionKey) => sights.get(log)?.replayed.slot;
    this.env = env;
    this.#workMs = options.workMs ?? (() => limits.produceDeadlineMs);
    this.logs = {
      env,
      config,
      prices: options.prices,
      producerExpiryMs,
      sights,
      changes: new Changes(),
      performLog: logPerformer({ env, config, stage, lastSlot }),
      onError: options.onError,
      deadline: () => this.deadline(),
    };
    this.catalog = new Catalog(env, stage, () => this.deadline());
    this.topics = new Topics(env.clock, (name) => getTopic(env, name));
    this.groups = new Groups(env, {
      topics: new TopicViews(this.catalog, this.topics, env.clock),
      deadline: () => this.deadline(),
      offsetsRetentionMs: options.offsetsRetentionMs ?? offsetsRetentionMsDefault,
    });
  }

  /** The deadline of work that begins now. */
  deadline(): Deadline {
    return deadlineIn(this.env.clock, this.#workMs());
  }

  appender(log: PartitionKey): Appender {
    const name = logName(log);
    const known = this.#appenders.get(name);
    if (known !== undefined) return known;
    for (const [other, appender] of this.#appenders) {
      if (this.#appenders.size < appendersMax) break;
      if (appender.isIdle) this.#appenders.delete(other);
    }
    const appender = new Appender(this.logs, log);
    this.#appenders.set(name, appender);
    return appender;
  }

  /** Resolves when nothing is under way: commits, and the spills beside them. */
  async settled(): Promise<void> {
    await together([...this.#appenders.values()].map((appender) => appender.settled()));
  }

  readonly performMark = (request: MarkRequest): Promise<MarkReply> =>
    performMark(this.env, request);
  readonly performPut = (request: TopicRequest): Promise<TopicReply> =>
    performPut(this.env, request);
  readonly performKey = (request: KeyRequest): Promise<KeyReply> => performKey(this.env, request);
  readonly performLease = (request: LeaseRequest, stop?: AbortSignal): Promise<LeaseReply> =>
    performLease(this.env, request, stop);
  readonly performPurge = (request: PurgeRequest): Promise<PurgeReply> =>
    performPurge(this.env, request, this.logs.config.ringSlots);

  /** The published group that holds an offset, if it lies in one. */
  async readGroup(log: PartitionKey, offset: Offset): Promise<SpillGroup | undefined> {
    const at = { offset, seq: Number.MAX_SAFE_INTEGER };
    const reply = await this.logs.performLog({ kind: 'get-group', log, at });
    if (reply.kind === 'get-group' && reply.outcome.kind === 'done') return reply.outcome.value;
    throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the store does not answer; try again');
  }
}

/** Idle appenders are let go beyond so many. */
const appendersMax = 4_096;
