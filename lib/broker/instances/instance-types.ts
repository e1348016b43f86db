import type { Refusal } from '../../core/instance/change.ts';
import type { GivenConfig, InstanceConfig } from '../../core/instance/config.ts';
import type { NamedPartition, Reads } from '../../core/instance/instance.ts';
import type { OffsetOf, Taken } from '../../core/instance/poll.ts';
import type { Fetched } from '../broker.ts';
import type { FetchedOffset, OffsetToCommit } from '../group-types.ts';

/**
 * Consumer instances as the REST proxies of version 2 have them, for any process
 * (docs/adr/0014-groups-above-the-core.md). Throws `InstanceError` for what an instance refuses,
 * and what the operations of `Broker` throw.
 */
export interface Instances {
  /** Returns its name: the one given, or a new one. */
  readonly create: (group: string, name: string | undefined, given: GivenConfig) => Promise<string>;
  /** Leaves its group; commits if it commits by itself. */
  readonly remove: (of: InstanceName) => Promise<void>;
  /** No topics: as `unsubscribe`. */
  readonly subscribe: (of: InstanceName, to: TopicsOrPattern) => Promise<void>;
  readonly unsubscribe: (of: InstanceName) => Promise<void>;
  readonly reads: (of: InstanceName) => Promise<Reads>;
  /** No partitions: nothing any more. */
  readonly assign: (of: InstanceName, partitions: readonly NamedPartition[]) => Promise<void>;
  readonly assignments: (of: InstanceName) => Promise<readonly NamedPartition[]>;
  readonly seek: (of: InstanceName, offsets: readonly OffsetOf[]) => Promise<void>;
  readonly seekTo: (
    of: InstanceName,
    end: 'beginning' | 'end',
    partitions: readonly NamedPartition[],
  ) => Promise<void>;
  readonly poll: <T>(of: InstanceName, input: PollInput<T>) => Promise<Polled<T>>;
  /** Without offsets: what polls returned. */
  readonly commit: (
    of: InstanceName,
    offsets: readonly OffsetToCommit[] | undefined,
  ) => Promise<void>;
  /** Without partitions: of those that are assigned to it. */
  readonly committed: (
    of: InstanceName,
    partitions: readonly NamedPartition[] | undefined,
  ) => Promise<readonly FetchedOffset[]>;
}

export interface InstanceName {
  readonly group: string;
  readonly name: string;
}

export type TopicsOrPattern = readonly string[] | { readonly pattern: string };

export interface PollInput<T> {
  /** ms to wait for records; the instance's own by default. */
  readonly timeoutMs: number | undefined;
  /** Of batches. */
  readonly maxBytes: number;
  /** The id of the last poll that arrived: see `beginPoll`. */
  readonly ack: number | undefined;
  /** Throws if the instance's format cannot be answered in. */
  readonly checkFormat: (format: InstanceConfig['format']) => void;
  /** Writes what fits into the answer. Told in the order of service. */
  readonly take: (found: readonly Found[], format: InstanceConfig['format']) => TakenAnswer<T>;
  readonly signal?: AbortSignal;
}

/** What was fetched of a partition. */
export interface Found extends NamedPartition {
  readonly fetched: Fetched;
  /** Nothing from here on is to be returned: what is repeated ended there. */
  readonly before?: bigint;
}

export interface TakenAnswer<T> {
  readonly answer: T;
  /** One for each that was found. */
  readonly taken: readonly Taken[];
}

export interface Polled<T> {
  readonly answer: T;
  /** To be sent as `ack` with the next poll; undefined without `ack`. */
  readonly pollId: number | undefined;
}

/** An instance does not do what it was asked; nothing happened. */
export class InstanceError extends Error {
  override name = 'InstanceError';
  readonly reason: Refusal['reason'] | 'bad-config';

  constructor(reason: InstanceError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
