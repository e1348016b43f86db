import type { Produced, Read } from './client.ts';

export interface SentRecord {
  /** Unique for ever; part of the value. */
  readonly id: string;
  readonly key: string | null;
  readonly padLength: number;
  readonly partition?: number;
}

interface Entry {
  readonly topic: string;
  readonly record: SentRecord;
  /** Where it is, as its sender was told. Until then it may be there once, or not at all. */
  told: { readonly partition: number; readonly offset: number } | undefined;
}

export const valueOf = ({ id, padLength }: SentRecord) => ({ id, pad: 'x'.repeat(padLength) });

/** What all clients know together, held against what can be read. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  /** What any read ever showed: partition, then offset. */
  readonly #seen = new Map<string, Map<number, string>>();
  readonly #tops = new Map<string, number>();
  readonly problems: string[] = [];
  told = 0;
  #waiting: { readonly told: number; readonly resolve: () => void }[] = [];

  get untold(): number {
    return [...this.#entries.values()].filter(({ told }) => told === undefined).length;
  }

  /** Before it goes out; again if it is repeated. */
  sent(topic: string, records: readonly SentRecord[]): void {
    for (const record of records) {
      const entry = this.#entries.get(record.id) ?? { topic, record, told: undefined };
      this.#entries.set(record.id, entry);
    }
  }

  /** An answer came. Also to a repetition, which must say the same. */
  answered(records: readonly SentRecord[], produced: readonly Produced[]): void {
    for (const [index, { id }] of records.entries()) {
      const entry = this.#entries.get(id);
      const { partition, offset, error } = produced[index] ?? {};
      if (entry === undefined || typeof partition !== 'number' || typeof offset !== 'number') {
        this.#problem(`not accepted: id=${id} error=${error}`);
        continue;
      }
      const { told, topic } = entry;
      if (told !== undefined && (told.partition !== partition || told.offset !== offset)) {
        this.#problem(`told ${show(told)} first, then ${show({ partition, offset })}: id=${id}`);
      }
      if (told === undefined) this.told += 1;
      entry.told = { partition, offset };
      this.raise(topic, partition, offset + 1);
    }
    this.#waiting = this.#waiting.filter(({ told, resolve }) => {
      if (this.told >= told) resolve();
      return this.told < told;
    });
  }

  /** Resolves when so many records more were acknowledged. */
  more(count: number): Promise<void> {
    const told = this.told + count;
    return new Promise((resolve) => this.#waiting.push({ told, resolve }));
  }

  /** The partition reaches up to this offset at least: somebody was told so. */
  raise(topic: string, partition: number, end: number): void {
    const name = `${topic}/${partition}`;
    this.#tops.set(name, Math.max(end, this.top(topic, partition)));
  }

  top(topic: string, partition: number): number {
    return this.#tops.get(`${topic}/${partition}`) ?? 0;
  }

  /** Whoever reads an offset finds the same record there, for ever. */
  read(topic: string, partition: number, records: readonly Read[]): void {
    const name = `${topic}/${partition}`;
    const seen = this.#seen.get(name) ?? new Map<number, string>();
    this.#seen.set(name, seen);
    for (const { offset, timestamp, key, value } of records) {
      const { id, pad } = value as { id: string; pad: string };
      const shown = `${id}@${timestamp}`;
      const before = seen.get(offset);
      if (before === shown) continue;
      if (before !== undefined) this.#problem(`${name}/${offset} was ${before}, now ${shown}`);
      seen.set(offset, shown);
      const entry = this.#entries.get(id);
      if (entry === undefined) this.#problem(`nobody sent ${name}/${offset} id=${id}`);
      else if (entry.topic !== topic || pad.length !== entry.record.padLength) {
        this.#problem(`${name}/${offset} is not what was sent: id=${id}`);
      } else if (key !== entry.record.key)
        this.#problem(`${name}/${offset} has key=${String(key)}`);
    }
  }

  /** Takes all records of all partitions of a topic. */
  check(topic: string, partitions: readonly (readonly Read[])[]): void {
    const found = new Map<string, string[]>();
    for (const [partition, records] of partitions.entries()) {
      this.read(topic, partition, records);
      const end = records.length;
      for (const [index, { offset, value }] of records.entries()) {
        if (offset !== index) this.#problem(`${topic}/${partition}: ${offset} stands at ${index}`);
        const { id } = value as { id: string };
        found.set(id, [...(found.get(id) ?? []), show({ partition, offset })]);
      }
      const top = this.top(topic, partition);
      if (end < top) this.#problem(`${topic}/${partition} ends at ${end}, but reached ${top}`);
      const lost = this.#seen.get(`${topic}/${partition}`)?.size ?? 0;
      if (lost > end) this.#problem(`${topic}/${partition}: ${lost} offsets were read, now ${end}`);
    }
    for (const [id, entry] of this.#entries) {
      if (entry.topic !== topic) continue;
      const places = found.get(id) ?? [];
      const { told } = entry;
      const right = told === undefined ? places.length <= 1 : places.join() === show(told);
      if (!right) this.#problem(`id=${id} told=${told && show(told)} found=[${places.join()}]`);
    }
  }

  #problem(text: string): void {
    if (this.problems.length < 20) this.problems.push(text);
  }
}

const show = ({ partition, offset }: { readonly partition: number; readonly offset: number }) =>
  `${partition}/${offset}`;
