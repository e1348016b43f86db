import { must } from '../../lib/std/assert.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import type { InstanceName } from '../../lib/broker/instances/instance-types.ts';
import { World } from '../../test/engine/budget-world.ts';
import type { Counted } from './count.ts';

const topic = 't';
const group = 'g';
const members = 4;
const partitions = 32;
const polls = 100;
const config = { 'auto.offset.reset': 'earliest', 'auto.commit.enable': false };

/** A poll of what is there, without waiting. */
async function poll(broker: Broker, of: InstanceName): Promise<void> {
  await broker.instances.poll(of, {
    timeoutMs: 0,
    maxBytes: 1024 * 1024,
    ack: undefined,
    checkFormat: () => undefined,
    take: (found) => ({
      answer: undefined,
      taken: found.map(({ topic: name, partition, fetched }) => {
        const next = fetched.highWatermark;
        const hasRecords = fetched.batches.length > 0;
        return { topic: name, partition, from: fetched.offset, next, hasRecords };
      }),
    }),
  });
}

/** Polls of one of four consumer instances that share 32 partitions; `fresh`: one record in each. */
export async function countPoll(fresh: boolean): Promise<Counted> {
  const world = new World();
  const { broker } = world.start();
  await broker.createTopic({ name: topic, partitions });
  const all: InstanceName[] = [];
  for (let i = 0; i < members; i += 1) {
    const name = await broker.instances.create(group, `instance-${i}`, config);
    await broker.instances.subscribe({ group, name }, [topic]);
    all.push({ group, name });
  }
  for (let round = 0; round < 20; round += 1) {
    for (const of of all) await poll(broker, of);
    world.clock.ms += 1_000;
  }
  const of = must(all[0], 'an instance');
  const owned = await broker.instances.assignments(of);
  const records = owned.map(({ partition }) => {
    return { key: null, value: Buffer.alloc(100, 'x'), headers: [], partition };
  });
  let [readUnits, writeUnits, tableCalls] = [0, 0, 0];
  for (let i = 0; i < polls; i += 1) {
    world.clock.ms += 1_000;
    if (fresh) await broker.produce({ topic, records });
    const bill = await world.bill(() => poll(broker, of));
    readUnits += bill.readUnits;
    writeUnits += bill.writeUnits;
    tableCalls += bill.reads + bill.writes;
  }
  return {
    what: `${owned.length} partitions, ${fresh ? 'a record in each' : 'nothing new'}`,
    bytes: fresh ? 2 * 1024 : 512,
    readUnits: readUnits / polls,
    writeUnits: writeUnits / polls,
    puts: 0,
    gets: 0,
    tableCalls: tableCalls / polls,
  };
}
