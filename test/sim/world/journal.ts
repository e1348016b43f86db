import type { LogConfig } from '../../../lib/core/log/config.ts';
import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import { firstOpening, hasRoom, isFull, opening, replay } from '../../../lib/core/log/slot.ts';
import type { Replayed } from '../../../lib/core/log/slot.ts';
import type { LogRun } from '../../../lib/core/log/spill-group.ts';
import { runsOf } from '../../../lib/core/log/spill-group.ts';
import { runCrc } from '../../../lib/engine/open-run.ts';
import type { Item, ItemKey } from '../../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../../lib/ports/object-store.ts';
import { decodeBatch } from '../../../lib/protocol/record-batch-decode.ts';
import { readBatchHeader } from '../../../lib/protocol/record-batch-header.ts';
import { partition as toPartition, topicId } from '../../../lib/std/brands.ts';
import { limits } from '../../../lib/std/limits.ts';
import { encodeHead } from '../../../lib/store/head-codec.ts';
import { decodeSlot } from '../../../lib/store/slot.ts';
import { topicAt, topicsPk } from '../../../lib/store/topic.ts';
import type { History } from '../checker/history.ts';
import { formatOf, hasNewerField, translated } from './newer-release.ts';

/** What the world knows of one log. */
export interface Known {
  readonly log: PartitionKey;
  /** Every slot as it was last seen, in their order. */
  readonly slots: Replayed[];
  /** The format of the newest. */
  format: number;
  stubbed: boolean;
  records: number;
}

/**
 * The world's own record of every log, kept beside the table as it changes: replays each slot the
 * moment that it is written and notes what was committed, so that no rule depends on what some
 * process happened to read. What it cannot follow is itself an anomaly.
 */
export class Journal {
  readonly logs = new Map<string, Known>();
  /** Ids of the topics that a name has had. */
  readonly ids = new Map<string, Set<string>>();
  /** Those whose item has what only a newer release knows. */
  readonly #newer = new Set<string>();
  readonly places = new Map<string, readonly { readonly log: string; readonly offset: bigint }[]>();
  readonly #history: History;
  readonly #config: LogConfig;
  readonly #objects: ObjectStore;
  readonly #moment: () => number;

  constructor(history: History, config: LogConfig, objects: ObjectStore, moment: () => number) {
    this.#history = history;
    this.#config = config;
    this.#objects = objects;
    this.#moment = moment;
  }

  /** Told of every change of the table, and of the newest format that its writer knows. */
  readonly see = async (key: ItemKey, item: Item | undefined, writer: number): Promise<void> => {
    try {
      if (key.pk === topicsPk && item !== undefined) this.#seeTopic(item);
      if (key.pk.startsWith('P#') && key.sk.startsWith('R#')) {
        await this.#seeSlot(key, item, writer);
      }
      if (key.pk.startsWith('P#') && key.sk.startsWith('X#')) this.#seeGroup(key);
    } catch (error) {
      this.#wrong('journal', `${key.pk} ${key.sk}: ${String(error)}`);
    }
  };

  #seeTopic(item: Item): void {
    const topic = topicAt(item);
    if (topic === undefined) return;
    const ids = this.ids.get(topic.name) ?? new Set();
    this.ids.set(topic.name, ids.add(topic.id));
    if (hasNewerField(item)) this.#newer.add(topic.id);
    else if (this.#newer.has(topic.id)) this.#wrong('I11', `${topic.name}: a field is lost`);
    if (!topic.deleting) return;
    const closing = { topic: topic.name, topicId: topic.id, moment: this.#moment() };
    this.#history.closings.push(closing);
  }

  /** A proposal may be replaced, what is published never. */
  #seeGroup({ pk, sk }: ItemKey): void {
    const name = nameOf(pk);
    const head = this.logs.get(name)?.slots.at(-1)?.head;
    if (head === undefined || head.closed) return;
    if (Number(sk.split('#').at(-1)) >= head.spilled.seq) return;
    this.#wrong('I3', `${name}: the published group ${sk} is replaced, or gone`);
  }

  async #seeSlot(key: ItemKey, item: Item | undefined, writer: number): Promise<void> {
    const name = nameOf(key.pk);
    const [id = '', partition = ''] = name.split('/');
    const log: PartitionKey = { topicId: topicId(id), partition: toPartition(Number(partition)) };
    const known = this.logs.get(name) ?? { log, slots: [], format: 1, stubbed: false, records: 0 };
    this.logs.set(name, known);
    if (item === undefined) return this.#wrong('slot deleted', `${key.pk} ${key.sk}`);
    const before = known.slots.at(-1);
    const slot = decodeSlot(log, translated(item), before?.slot);
    if (slot === 'stub') {
      known.stubbed = true;
      if (before !== undefined && !before.head.closed) this.#wrong('stub in an open log', name);
      return;
    }
    if (writer < known.format) {
      this.#wrong('I11', `${name}: slot ${slot.seq} by one who does not know the one before`);
    }
    known.format = formatOf(item);
    const same = before?.slot.seq === slot.seq;
    // A late command may still reach a slot whose turn has not come: it is refused behind the close.
    if (known.stubbed && !same) this.#wrong('slot after a stub', `${name}: slot ${slot.seq}`);
    const replayed = replay(slot, this.#config, same ? before : undefined);
    if (same) known.slots.pop();
    else this.#opened(name, before, replayed);
    known.slots.push(replayed);
    for (const run of runsOf(replayed)) {
      if (run.baseOffset >= BigInt(known.records)) await this.#commit(name, known, run);
    }
    if (replayed.head.end.offset !== BigInt(known.records)) {
      this.#wrong('I2', `${name}: ends at ${replayed.head.end.offset}, has ${known.records}`);
    }
  }

  /** A slot follows from the one before it, and overwrites only what is published. */
  #opened(name: string, before: Replayed | undefined, { slot, entries }: Replayed): void {
    const { snapshot, seq } = slot;
    if (before !== undefined && !isFull(before.slot)) {
      this.#wrong('I4', `${name}: slot ${seq} after one that has room`);
      return;
    }
    const { snapshot: expected } =
      before === undefined ? firstOpening : opening(before, this.#config);
    if (Buffer.compare(encodeHead(expected), encodeHead(snapshot)) !== 0) {
      this.#wrong('I4', `${name}: slot ${seq} does not follow from the one before it`);
    }
    // What it carries itself counts: `[spill, mine]`.
    const carried = entries.find(({ after }) => hasRoom(after, this.#config));
    if (carried === undefined && !hasRoom(snapshot, this.#config)) {
      this.#wrong('I10', `${name}: slot ${seq} overwrites what is not published`);
    }
  }

  async #commit(name: string, known: Known, run: LogRun): Promise<void> {
    const records = await recordsOf(this.#objects, run);
    if (typeof records === 'string') {
      this.#wrong('I7', `${name}@${run.baseOffset}: ${records}`);
      return;
    }
    for (const { value, timestamp } of records) {
      const places = this.places.get(value) ?? [];
      const offset = BigInt(known.records);
      this.#history.commits.push({ log: name, offset, value, timestamp, moment: this.#moment() });
      this.places.set(value, [...places, { log: name, offset }]);
      known.records += 1;
    }
  }

  #wrong(rule: string, detail: string): void {
    this.#history.wrong.push({ rule, detail });
  }
}

/** `<topic id>/<partition>`, of `P#<topic id>#<partition>`. */
const nameOf = (pk: string): string => pk.split('#').slice(1).join('/');

/** The records of a run as they are stored, every byte checked; or what is wrong with it. */
export async function recordsOf(
  objects: ObjectStore,
  { content }: LogRun,
): Promise<readonly { readonly value: string; readonly timestamp: bigint }[] | string> {
  if (content.kind === 'marker') return 'markers are not expected';
  const { place, crc, count } = content.run;
  const bytes = place.kind === 'inline' ? place.bytes : await rangeOf(objects, place);
  if (bytes === undefined) return 'its object is not there';
  const crcs: number[] = [];
  const records: { value: string; timestamp: bigint }[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = readBatchHeader(bytes, at);
    const batch = bytes.subarray(at, at + header.sizeInBytes);
    // Compares the batch's own CRC with its bytes, too.
    const decoded = decodeBatch(batch, { maxInflatedBytes: limits.batchInflatedBytesMax });
    for (const { value, timestamp } of decoded.records) {
      records.push({ value: textOf(value), timestamp });
    }
    crcs.push(header.crc);
    at += header.sizeInBytes;
  }
  if (runCrc(crcs) !== crc) return 'its bytes are not those that were committed';
  return records.length === count ? records : `it has ${records.length} records, not ${count}`;
}

async function rangeOf(
  objects: ObjectStore,
  { key, from, length }: { readonly key: string; readonly from: number; readonly length: number },
): Promise<Uint8Array | undefined> {
  const got = await objects.get(key, { from, length });
  const bytes = got.kind === 'done' ? got.value : undefined;
  return bytes?.length === length ? bytes : undefined;
}

/** Values are names, padded. */
export const textOf = (value: Uint8Array | null): string =>
  Buffer.from(value ?? [])
    .toString()
    .split(':')[0] ?? '';
