import { emptyGroups } from './group-history.ts';
import type { GroupHistory } from './group-history.ts';
import type { Outcome } from './outcome.ts';

/**
 * Everything that clients did and were told, and what the world itself saw of the log. Moments are
 * positions in the one true order of events. Values of records are unique: a client that tries
 * again, under a key or a sequence, sends the same value; everything else has a value of its own.
 */
export interface History {
  /**
   * Whether `commits` and `closings` are told, as the simulated world does. Without them the log is
   * what the finals and polls show of it, and a log never ends (`blackBox`).
   */
  readonly journal: boolean;
  /** One per record and attempt. */
  readonly sends: Send[];
  /** Those of one client in the order of their coming. */
  readonly polls: Poll[];
  readonly listings: Listing[];
  readonly deletions: Deletion[];
  /** Commits as the world saw them, in their order. */
  readonly commits: Commit[];
  readonly closings: Closing[];
  /** Every log that exists, read from its start after the last fault was healed. */
  readonly finals: Final[];
  readonly groups: GroupHistory;
  /** What nobody may ever be told, wherever it happened: `rule: detail`. */
  readonly wrong: Anomaly[];
}

interface Timed {
  readonly client: string;
  readonly topic: string;
  readonly invoked: number;
  /** Infinity: there was no answer. */
  readonly completed: number;
}

export interface Send extends Timed {
  readonly value: string;
  /** Records of one request have the same; they were sent in the order of this list. */
  readonly request: number;
  /** `failed`: this attempt put nothing into the log and never will. */
  readonly outcome: Outcome;
  /** −1 unless `ok`. */
  readonly partition: number;
  readonly offset: bigint;
  /**
   * An idempotent producer. What it sent to one log lies there in the order in which it was sent
   * first, whatever became of it: sequences and epochs keep even what is late from overtaking.
   */
  readonly producer?: string;
}

export interface Read {
  readonly offset: bigint;
  readonly value: string;
  readonly timestamp: bigint;
}

export interface Poll extends Timed {
  readonly partition: number;
  /** Where it can be known: the log that was read. */
  readonly log: string | undefined;
  /** The client chose the offset itself; else it goes on where its poll before ended. */
  readonly seek: boolean;
  readonly outcome: 'ok' | 'out-of-range';
  readonly offset: bigint;
  readonly records: readonly Read[];
  /** −1 for `out-of-range`. */
  readonly highWatermark: bigint;
}

export interface Listing extends Timed {
  readonly log: string | undefined;
  readonly at: 'earliest' | 'latest' | 'max-timestamp' | bigint;
  readonly offset: bigint;
  readonly timestamp: bigint;
}

export interface Deletion extends Timed {
  readonly outcome: Outcome;
}

export interface Commit extends Read {
  /** `<topic id>/<partition>` */
  readonly log: string;
  readonly moment: number;
}

/** A topic was marked as deleted. */
export interface Closing {
  readonly topic: string;
  readonly topicId: string;
  readonly moment: number;
}

export interface Final {
  readonly log: string;
  readonly reader: string;
  readonly records: readonly Read[];
  readonly end: bigint;
}

export interface Anomaly {
  readonly rule: string;
  readonly detail: string;
}

export const emptyHistory = (): History => ({
  journal: true,
  sends: [],
  polls: [],
  listings: [],
  deletions: [],
  commits: [],
  closings: [],
  finals: [],
  groups: emptyGroups(),
  wrong: [],
});

/** What can be seen from outside. No topic is ever deleted, so that names stand for logs. */
export interface Seen {
  readonly sends: readonly Send[];
  readonly polls: readonly Omit<Poll, 'log'>[];
  readonly listings?: readonly (Omit<Listing, 'log'> & { readonly partition: number })[];
  /** Reads of whole partitions, from 0 to the end, after all sends and polls. */
  readonly finals: readonly (Omit<Final, 'log'> & {
    readonly topic: string;
    readonly partition: number;
  })[];
}

/**
 * A history of real processes, where nobody sees commits. Moments are of one clock that does not go
 * back, taken before a request leaves and after its answer came; equal ones count as concurrent.
 * Every partition that took an acknowledged record should have a final, by at least one reader.
 */
export const blackBox = ({ sends, polls, listings = [], finals }: Seen): History => ({
  ...emptyHistory(),
  journal: false,
  sends: [...sends],
  polls: polls.map((poll) => ({ ...poll, log: logName(poll) })),
  listings: listings.map((listing) => ({ ...listing, log: logName(listing) })),
  finals: finals.map((final) => ({ ...final, log: logName(final) })),
});

export const logName = ({
  topic,
  partition,
}: {
  readonly topic: string;
  readonly partition: number;
}): string => `${topic}/${partition}`;
export const topicOf = (log: string): string => log.split('/')[0] ?? '';
export const partitionOf = (log: string): number => Number(log.split('/')[1]);

/** By key, in the order of their coming. */
export function grouped<T, K>(from: Iterable<T>, keyOf: (each: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const each of from) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return groups;
}
