import type { CommandId, TopicId } from '../std/brands.ts';
import type { MetadataTable } from './metadata-table.ts';
import type { ObjectStore } from './object-store.ts';

/** Time. The log's order never depends on it (I9). */
export interface Clock {
  /** Milliseconds since 1970 by the local clock, which may be wrong and may jump. */
  now(): number;
  /** Milliseconds that never go back, from an arbitrary origin. */
  monotonic(): number;
  /**
   * The earlier of the local clock and the newest Date header of a service's answer in this
   * invocation. What ends by time on purpose (sessions, expiry, retention) uses this.
   */
  serviceNow(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

/** Unique names. */
export interface Ids {
  /** First 6 hex digits of every command id of this process. */
  readonly processPrefix: string;
  command(): CommandId;
  topic(): TopicId;
  /** 16 hex digits, never reused: the name of an object. */
  object(): string;
}

/** Counters and durations, named in snake_case with the unit last. */
export interface Metrics {
  count(name: string, value?: number): void;
  observe(name: string, value: number): void;
}

/** Everything a process meets of the world outside. Put together in one place per program. */
export interface Environment {
  readonly table: MetadataTable;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly metrics: Metrics;
}
