/**
 * API: Fetch (key 1), many partitions.
 *
 * Behaviour: partitions are served in the order in which they are named, until `maxBytes` of
 * batches are taken: who names last what was served last is fair to all. The first that has
 * anything gives at least one batch (KIP-74); what fails fails alone. Waits for `minBytes` of all
 * together, woken by this process's own commits and by looks for those of others; not where an
 * offset is out of range, since only the caller can go on elsewhere.
 * Deviations from Kafka: reads are never below what was acknowledged before the call; no sessions.
 * Store requests: those of a fetch for each partition, some at the same time; none for those behind
 * the one with which the room was used up, some of its neighbours excepted. A look while waiting:
 * one read for each, or for those only in which this process committed.
 */
import type { Head } from '../core/log/head.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import { runBytes } from '../core/log/spill-group.ts';
import type { LogRun } from '../core/log/spill-group.ts';
import { readBatches, readRuns, readRunsBatches } from '../engine/read-batches.ts';
import { together } from '../engine/together.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { readBatchHeader } from '../protocol/record-batch-header.ts';
import { offset as toOffset } from '../std/brands.ts';
import { limits } from '../std/limits.ts';
import type { FetchedPartition, FetchManyInput, PartitionToFetch } from './broker.ts';
import type { BrokerContext } from './context.ts';
import { boundsOf, bytesIn, isCut, outOfRange, pollMs, startOf } from './fetch.ts';
import { readError, readTopic } from './read-topic.ts';

/** Partitions that are read at the same time. */
const waveMax = 16;
/** Partitions that one who waits looks at in a second, at the most. */
const looksPerSecond = 64;

export async function fetchMany(
  context: BrokerContext,
  input: FetchManyInput,
): Promise<readonly FetchedPartition[]> {
  const { clock } = context.engine.env;
  const { minBytes, signal } = input;
  const until = clock.monotonic() + Math.min(input.maxWaitMs, limits.fetchWaitMsMax);
  const pauseMs = Math.max(pollMs, (input.partitions.length / looksPerSecond) * 1_000);
  const maxBytes = Math.max(1, Math.min(input.maxBytes, limits.responseBytesMax));
  const shares = input.partitions.map((wanted) => new Share(context, wanted));
  let due: readonly Share[] = shares;
  try {
    for (;;) {
      const isFull = await readShares(shares, due, maxBytes);
      const rest = until - clock.monotonic();
      const isEnough = isFull || bytesOf(shares) >= minBytes || shares.some(isOutOfRange);
      if (isEnough || rest <= 0 || signal?.aborted === true) return shares.map(({ told }) => told);
      const signals = shares.flatMap(({ changed }) => changed ?? []);
      const woken = AbortSignal.any(signal === undefined ? signals : [...signals, signal]);
      await clock.sleep(Math.min(rest, pauseMs), woken);
      const changed = shares.filter((share) => share.changed?.aborted === true);
      due = changed.length > 0 ? changed : shares;
    }
  } finally {
    for (const share of shares) share.forget();
  }
}

const isOutOfRange = ({ told }: Share): boolean => told.error?.kafka === 'OFFSET_OUT_OF_RANGE';

const bytesOf = (shares: readonly Share[]): number =>
  shares.reduce((sum, { bytes }) => sum + bytes, 0);

/** Reads those that are due. True: there is more than there is room for. */
async function readShares(
  shares: readonly Share[],
  due: readonly Share[],
  maxBytes: number,
): Promise<boolean> {
  for (const share of due) share.drop();
  for (let i = 0; i < due.length; i += waveMax) {
    const room = maxBytes - bytesOf(shares);
    if (room <= 0) return true;
    const wave = due.slice(i, i + waveMax);
    await together(wave.map((share) => share.look(room)));
    const first = room === maxBytes ? wave.find(({ found }) => found > 0) : undefined;
    let left = room;
    const takes = wave.map((share) => {
      const granted = left;
      left = Math.max(0, left - share.found);
      return share.take(granted, share === first);
    });
    await together(takes);
  }
  return shares.some((share) => share.hasMore);
}

/** What a look found, before its bytes are read. */
interface Look {
  readonly log: PartitionKey;
  readonly head: Head;
  readonly runs: readonly LogRun[];
  readonly offset: bigint;
}

/** One partition's part in a fetch. */
class Share {
  readonly #context: BrokerContext;
  readonly #wanted: PartitionToFetch;
  /** Where to begin, once it is known. */
  #offset: bigint | undefined;
  #look: Look | undefined;
  #change: { readonly signal: AbortSignal; readonly cancel: () => void } | undefined;
  told: FetchedPartition;
  /** There is more than was taken. */
  hasMore = false;

  constructor(context: BrokerContext, wanted: PartitionToFetch) {
    const { topic, partition, offset } = wanted;
    this.#context = context;
    this.#wanted = wanted;
    this.#offset = typeof offset === 'bigint' ? offset : undefined;
    this.told = { topic, partition };
  }

  get bytes(): number {
    return this.told.fetched === undefined ? 0 : bytesIn(this.told.fetched);
  }

  /** Bytes of the runs that the last look found, as far as they were asked for. */
  get found(): number {
    return this.#look?.runs.reduce((sum, run) => sum + runBytes(run), 0) ?? 0;
  }

  /** Aborts with the next commit of this process behind the last look. */
  get changed(): AbortSignal | undefined {
    return this.#change?.signal;
  }

  forget(): void {
    this.#change?.cancel();
    this.#change = undefined;
  }

  /** Of what an earlier look found: it is looked at again. */
  drop(): void {
    this.forget();
    this.#look = undefined;
    this.hasMore = false;
    const { topic, partition } = this.#wanted;
    this.told = { topic, partition };
  }

  /** Finds the runs of at most so many bytes, but one at least. */
  async look(bytesMax: number): Promise<void> {
    await this.#orTell(async () => {
      this.#look = await readTopic(this.#context, this.#wanted, (log) => this.#find(log, bytesMax));
    });
  }

  async #find(log: PartitionKey, bytesMax: number): Promise<Look> {
    const { engine } = this.#context;
    // Registered before the read, so that no commit falls between the two.
    this.forget();
    this.#change = engine.logs.changes.next(log);
    this.#offset ??= await startOf(this.#context, log, this.#wanted.offset);
    const offset = this.#offset;
    const read = await readRuns(engine.logs, log, toOffset(offset), bytesMax, engine.deadline());
    if (read.kind === 'out-of-range') throw outOfRange(log, offset, read.head);
    if (read.kind !== 'read') throw readError(read.kind);
    const { before = read.head.end.offset } = this.#wanted;
    const runs = read.runs.filter(({ baseOffset }) => baseOffset < before);
    return { log, head: read.head, runs, offset };
  }

  /** Reads the batches of what was found, as far as they fit into what is granted. */
  async take(granted: number, isFirst: boolean): Promise<void> {
    const look = this.#look;
    if (look === undefined) return;
    if (granted === 0 && look.runs.length > 0) {
      this.hasMore = true;
      return;
    }
    await this.#orTell(async () => {
      const { head, offset } = look;
      const { before } = this.#wanted;
      const all = await this.#read(look, granted);
      const batches =
        before === undefined
          ? all
          : all.filter((batch) => readBatchHeader(batch).baseOffset < before);
      const fetched = { batches, offset, ...boundsOf(head) };
      // Only the first may be larger than all the room.
      const fits = isFirst || bytesIn(fetched) <= granted;
      this.hasMore = !fits || isCut(fetched);
      if (fits) this.told = { ...this.told, fetched };
    });
  }

  async #read({ log, runs, offset }: Look, granted: number): Promise<readonly Uint8Array[]> {
    const { engine } = this.#context;
    const from = toOffset(offset);
    const deadline = engine.deadline();
    const within = runsWithin(runs, granted);
    const batches = await readRunsBatches(engine.logs, within, from, granted, deadline);
    if (typeof batches !== 'string') return batches;
    if (batches === 'expired') throw readError(batches);
    // The object may have gone since; a new look knows where its batches are.
    engine.logs.sights.forget(log);
    const again = await readBatches(engine.logs, log, from, granted, deadline);
    if (again.kind === 'out-of-range') throw outOfRange(log, offset, again.head);
    if (again.kind !== 'read') throw readError(again.kind);
    return again.batches;
  }

  /** What fails of one partition is told with it. */
  async #orTell(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { topic, partition } = this.#wanted;
      this.told = { topic, partition, error };
    }
  }
}

/** The runs that begin within so many bytes. */
function runsWithin(runs: readonly LogRun[], bytesMax: number): readonly LogRun[] {
  let bytes = 0;
  return runs.filter((run) => {
    const begins = bytes < bytesMax;
    bytes += runBytes(run);
    return begins;
  });
}
