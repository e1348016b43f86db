import type { TopicId } from '../../std/brands.ts';

/** What a topic is: `TOPICS : <name>`. */
export interface Topic {
  readonly name: string;
  /** Never reused: a topic that is created again has another id, hence other logs. */
  readonly id: TopicId;
  /** 1 … `limits.partitionsMax`; only rises. */
  readonly partitions: number;
  /** Overrides only, as `validateConfigs` spells them. */
  readonly configs: Readonly<Record<string, string>>;
  /** Marked for deletion: nothing may be opened or produced any more. */
  readonly deleting: boolean;
  /** The item's version: every change adds 1. */
  readonly version: number;
}

/** What is left to do of a deletion: `GONE#<id>`. It goes last. */
export interface GoneTopic {
  readonly id: TopicId;
  readonly name: string;
  /** The count when the topic was marked, which nothing can raise any more. */
  readonly partitions: number;
  readonly version: number;
}

/** A reason to look at something at a time: `DUE#<hash mod 16> : <due ms>#<what>`. */
export interface Due {
  readonly dueMs: number;
  /** `<job>#<subject>`, such as `delete-topic#<topic id>`. */
  readonly what: string;
  readonly version: number;
}
