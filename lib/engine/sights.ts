import type { Sight } from '../core/log/append-state.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import type { Replayed } from '../core/log/slot.ts';
import type { Clock } from '../ports/environment.ts';

/** Partitions whose newest slot a process remembers. About 10 KB each at the most. */
const sightsMax = 4_096;
/** Where others write, what a process was told is as good as new for about an answer's way back. */
const recentMs = 5;

export const logName = (log: PartitionKey): string => `${log.topicId}#${log.partition}`;

/**
 * The newest slot seen of each partition, least recently used first out. A memory, not a truth:
 * whoever appends or reads is told by the store when it is old.
 */
export class Sights {
  readonly #sights = new Map<string, Sight & { readonly at: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(log: PartitionKey): Sight | undefined {
    const name = logName(log);
    const sight = this.#sights.get(name);
    if (sight === undefined) return undefined;
    this.#sights.delete(name);
    this.#sights.set(name, sight);
    return sight;
  }

  /** False: so old that others have probably gone on since, if there are others. */
  isRecent(log: PartitionKey): boolean {
    const at = this.#sights.get(logName(log))?.at;
    return at !== undefined && this.#clock.monotonic() - at < recentMs;
  }

  /** Keeps the newer of the two. */
  see(log: PartitionKey, sight: Sight | undefined): void {
    if (sight === undefined) return;
    const before = this.get(log);
    const keep = before !== undefined && !isNewer(sight.replayed, before.replayed);
    const { replayed, ownBefore } = keep ? before : sight;
    this.#sights.set(logName(log), { replayed, ownBefore, at: this.#clock.monotonic() });
    if (this.#sights.size <= sightsMax) return;
    const oldest = this.#sights.keys().next();
    if (oldest.done !== true) this.#sights.delete(oldest.value);
  }

  /** What a read saw. It knows nothing of who wrote before. */
  seeNewest(log: PartitionKey, newest: Replayed | undefined): void {
    if (newest === undefined) return;
    const before = this.get(log);
    const same = before?.replayed.slot.seq === newest.slot.seq;
    this.see(log, { replayed: newest, ownBefore: same ? before.ownBefore : 0 });
  }

  forget(log: PartitionKey): void {
    this.#sights.delete(logName(log));
  }
}

function isNewer(a: Replayed, b: Replayed): boolean {
  if (a.slot.seq !== b.slot.seq) return a.slot.seq > b.slot.seq;
  return a.entries.length > b.entries.length;
}
