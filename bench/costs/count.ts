import { Seeded } from '../../test/engine/seeded.ts';
import { World } from '../../test/engine/budget-world.ts';

/** What one call takes on average, counted where the store is asked. */
export interface Counted {
  readonly what: string;
  /** Bytes of records of a call. */
  readonly bytes: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly puts: number;
  readonly gets: number;
  /** Requests to the table, read or write. */
  readonly tableCalls: number;
}

export interface ProduceCase {
  readonly records: number;
  readonly recordBytes: number;
  /** Processes, one of which is picked at random for each call: Lambda environments, say. */
  readonly processes: number;
}

const topic = 't';
const warmCalls = 300;
const calls = 1_000;

/** A call's share of commits, hints, spills and reads of the head, with one call at a time. */
export async function countProduce({ records, recordBytes, processes }: ProduceCase) {
  const world = new World();
  const random = new Seeded(1);
  const all = Array.from({ length: processes }, () => world.start());
  await all[0]?.broker.createTopic({ name: topic });
  const value = Buffer.alloc(recordBytes, 'x');
  const batch = Array.from({ length: records }, () => ({ key: null, value, headers: [] }));
  const produce = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      // Longer than anybody trusts what it remembers of a slot.
      world.clock.ms += processes === 1 ? 3 : 1_100;
      const told = await random.pick(all).broker.produce({ topic, records: batch });
      const failed = told.find(({ ok }) => !ok);
      if (failed !== undefined) throw new Error(`not appended: ${JSON.stringify(failed)}`);
    }
  };
  await produce(warmCalls);
  const bill = await world.bill(() => produce(calls));
  return {
    what: `${records} × ${recordBytes.toLocaleString('en')} B`,
    bytes: records * recordBytes,
    readUnits: bill.readUnits / calls,
    writeUnits: bill.writeUnits / calls,
    puts: bill.puts / calls,
    gets: bill.gets / calls,
    tableCalls: (bill.reads + bill.writes) / calls,
  };
}

/** Reading a log from its start, so many bytes a call. */
export async function countFetch(batchBytes: number, fetchBytes: number): Promise<Counted> {
  const world = new World();
  const writer = world.start().broker;
  await writer.createTopic({ name: topic });
  const value = Buffer.alloc(batchBytes, 'x');
  const total = 32 * 1024 * 1024;
  for (let sent = 0; sent < total; sent += batchBytes) {
    world.clock.ms += 3;
    await writer.produce({ topic, records: [{ key: null, value, headers: [] }] });
  }
  const { broker } = world.start();
  let fetches = 0;
  let bytes = 0;
  const bill = await world.bill(async () => {
    for (let offset = 0n; ; fetches += 1) {
      world.clock.ms += 1_100;
      const wanted = { topic, partition: 0, offset, minBytes: 0, maxWaitMs: 0 };
      const fetched = await broker.fetch({ ...wanted, maxBytes: fetchBytes });
      if (fetched.batches.length === 0) return;
      bytes += fetched.batches.reduce((sum, batch) => sum + batch.length, 0);
      offset += BigInt(fetched.batches.length);
    }
  });
  return {
    what: `batches of ${batchBytes.toLocaleString('en')} B`,
    bytes: bytes / fetches,
    readUnits: bill.readUnits / fetches,
    writeUnits: bill.writeUnits / fetches,
    puts: bill.puts / fetches,
    gets: bill.gets / fetches,
    tableCalls: (bill.reads + bill.writes) / fetches,
  };
}
