import { expect, test } from 'vitest';
import { duties, permissions } from '../../cdk/permissions.ts';
import type { Duty } from '../../cdk/permissions.ts';
import { tellLag } from '../../functions/lag-function.ts';
import { checkConfig } from '../../lib/core/log/config.ts';
import { handle } from '../../lib/http/handle.ts';
import type { Route } from '../../lib/http/route.ts';
import { routes } from '../../lib/http/routes.ts';
import { markTopic } from '../../lib/core/topic/mark-topic.ts';
import { drive } from '../../lib/engine/driver.ts';
import { logConfig } from '../../lib/engine/engine.ts';
import { maintainOnce } from '../../lib/maintain/pass.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import { memoryEnv, otherProcess, startEngine } from '../engine/memory-env.ts';
import { VirtualClock } from '../engine/virtual-clock.ts';
import { Recorded } from './recorded.ts';

// Least privilege, derived: everything that a duty can be asked for is done once, in memory, and what
// it did with the stores is compared with what its role allows. One of the two being larger fails.

const clock = new VirtualClock();
const stores = memoryEnv({ clock });
/** Full after a few records: it wraps, spills, and lets producers go. */
const smallRing = checkConfig({
  ...logConfig,
  ringSlots: 4,
  spillSlots: 2,
  producersMax: 2,
  soleBytes: 300,
  sharedBytes: 300,
  spillRetryEvery: 1,
});
/** Each partition of a topic gets one record more than the one before it. */
const partitions = 12;
/** The partition whose ring is full. */
const full = partitions - 1;
const json = { 'content-type': 'application/json' };

/** One process of a function: a cold one, so that it has to find everything out. */
function cold(duty: Duty) {
  const recorded = new Recorded(otherProcess(stores));
  const { engine, broker } = startEngine(recorded.env, smallRing);
  const operations = new Set<string>();
  const ask = async (operation: string, path: string, body?: unknown, statusMax = 399) => {
    const route = routes.find((each) => each.operation === operation);
    if (route === undefined) throw new Error(`no such operation: ${operation}`);
    const [pathOnly = '', query = ''] = path.split('?');
    const answer = await handle(
      broker,
      {
        method: route.method,
        path: pathOnly,
        query,
        headers: json,
        body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
        baseUrl: 'https://h',
        requestId: 'r-1',
      },
      (error) => {
        throw error;
      },
      duty as Route['group'],
    );
    const text = Buffer.from(answer.body ?? []).toString('utf8');
    if (answer.status > statusMax) throw new Error(`${operation}: ${answer.status} ${text}`);
    await engine.settled();
    operations.add(operation);
    return text;
  };
  return { ask, engine, broker, recorded, operations };
}

const done: Record<Duty, Set<string>> = {
  produce: new Set(),
  fetch: new Set(),
  consume: new Set(),
  admin: new Set(),
  maintain: new Set(),
};
const asked = new Set<string>();

async function as(duty: Duty, work: (process: ReturnType<typeof cold>) => Promise<void>) {
  const process = cold(duty);
  await clock.run(work(process));
  for (const what of process.recorded.done) done[duty].add(what);
  for (const operation of process.operations) asked.add(operation);
}

const records = (count: number, bytes = 10) => ({
  records: Array.from({ length: count }, () => ({ value: 'v'.repeat(bytes) })),
});

const granted = (duty: Duty): string[] => {
  const { table, objects, listsObjects } = permissions[duty];
  return [
    ...table.flatMap(({ actions, items }) =>
      actions.flatMap((action) => items.map((item) => `${action} ${item}`)),
    ),
    ...objects.map((action) => `${action} stage/*`),
    ...(listsObjects ? ['ListBucket stage/*'] : []),
  ];
};

/** By a process that cannot write objects: what these rings hold is still to be spilled. */
async function fillRings(): Promise<void> {
  const objects: ObjectStore = {
    ...stores.objects,
    put: () => Promise.resolve({ kind: 'unavailable', cause: 'no objects today' }),
  };
  const { broker } = startEngine({ ...otherProcess(stores), objects }, smallRing);
  for (const topic of ['gone', 'half-gone']) {
    const record = { partition: full, key: null, value: Buffer.alloc(400), headers: [] };
    const fill = async (): Promise<boolean> =>
      (await broker.produce({ topic, records: [record] }))[0]?.ok === true;
    while (await fill());
  }
}

/** Every call is answered by a process that has to find everything out. */
async function useInstances(): Promise<void> {
  const ask = (operation: string, below: string, body?: unknown): Promise<void> =>
    as('consume', async (process) => {
      await process.ask(operation, `/consumers/proxied${below}`, body);
    });
  const config = { 'auto.offset.reset': 'earliest' };
  const places = [{ topic: 't', partition: full }];
  await ask('createInstance', '', { name: 'one', ...config });
  await ask('subscribe', '/instances/one/subscription', { topic_pattern: 't.*' });
  await ask('getSubscription', '/instances/one/subscription');
  for (let polls = 0; polls < 3; polls += 1) await ask('pollRecords', '/instances/one/records');
  await ask('commitInstance', '/instances/one/offsets');
  await ask('getCommitted', '/instances/one/offsets');
  await ask('unsubscribe', '/instances/one/subscription');
  await ask('deleteInstance', '/instances/one');
  // This one nobody deletes.
  await ask('createInstance', '', { name: 'two', ...config });
  await ask('assign', '/instances/two/assignments', { partitions: places });
  await ask('getAssignments', '/instances/two/assignments');
  const positions = { offsets: places.map((one) => ({ ...one, offset: 1 })) };
  await ask('seek', '/instances/two/positions', positions);
  await ask('seekToEnd', '/instances/two/positions/end', { partitions: places });
  await ask('seekToBeginning', '/instances/two/positions/beginning', { partitions: places });
  await ask('pollRecords', '/instances/two/records');
  await ask('postCommitted', '/instances/two/offsets:committed', { partitions: places });
}

/** Of groups with members, and with offsets only. */
async function measureLag(): Promise<void> {
  await as('maintain', async ({ engine, broker }) => {
    const groups = (await engine.groups.list.all()).map(({ group }) => group);
    const { told } = await tellLag(groups, broker, { publishOne: () => undefined }, () => false);
    expect(told).toBeGreaterThan(0);
  });
}

/** Members that died are found within minutes, and offsets go in their time. */
async function lookAfterGroups(): Promise<void> {
  await as('consume', async ({ broker }) => {
    const subscription = ['t'];
    for (const memberId of ['first', 'second']) {
      await broker.heartbeat({ group: 'dead', memberId, memberEpoch: 0, subscription });
    }
  });
  const minuteMs = 60_000;
  for (const ms of [11 * minuteMs, 11 * minuteMs, 8 * 24 * 60 * minuteMs, 11 * minuteMs]) {
    await clock.run(clock.sleep(ms));
    await as('maintain', async ({ engine }) => {
      await maintainOnce(engine, { expired: () => false }, { takeOver: true });
    });
  }
  expect(await clock.run(cold('admin').broker.listGroups())).toEqual([]);
}

const topics = ['t', 'gone', 'half-gone'];
let cluster = '';

test('every operation is asked for', async () => {
  // What it loads when it is first asked for comes in its own time, not in the virtual one.
  await cold('admin').ask('getDocument', '/openapi.json');
  await as('admin', async ({ ask }) => {
    await ask('getIndex', '/');
    const health = JSON.parse(await ask('getHealth', '/health')) as { cluster_id: string };
    cluster = `/v3/clusters/${health.cluster_id}`;
    await ask('listClusters', '/v3/clusters');
    await ask('getCluster', cluster);
    await ask('listBrokers', '/brokers');
    await ask('getDocument', '/openapi.json');
    await ask('listBrokersV3', `${cluster}/brokers`);
    await ask('getBroker', `${cluster}/brokers/0`);
    await ask('listBrokerConfigs', `${cluster}/brokers/0/configs`);
    await ask('listClusterConfigs', `${cluster}/broker-configs`);
    await ask('listAllReassignments', `${cluster}/topics/-/partitions/-/reassignment`);
    for (const name of topics) {
      const body = { topic_name: name, partitions_count: partitions };
      await ask('createTopic', `${cluster}/topics`, body);
    }
    const topic = `${cluster}/topics/t`;
    await ask('listTopicNames', '/topics');
    await ask('getTopic', '/topics/t');
    await ask('listPartitions', '/topics/t/partitions');
    await ask('getPartition', '/topics/t/partitions/0');
    await ask('listTopicsV3', `${cluster}/topics`);
    await ask('getTopicV3', topic);
    await ask('updateTopic', topic, { partitions_count: partitions + 1 });
    await ask('listConfigs', `${topic}/configs`);
    await ask('alterConfigs', `${topic}/configs:alter`, {
      data: [{ name: 'retention.ms', value: '1000' }],
    });
    await ask('getConfig', `${topic}/configs/retention.ms`);
    await ask('updateConfig', `${topic}/configs/retention.ms`, { value: '2000' });
    await ask('resetConfig', `${topic}/configs/retention.ms`);
    await ask('listPartitionsV3', `${topic}/partitions`);
    await ask('getPartitionV3', `${topic}/partitions/0`);
    await ask('listAllConfigs', `${cluster}/topics/-/configs`);
    await ask('listDefaultConfigs', `${topic}/default-configs`);
    await ask('listBrokerReplicas', `${cluster}/brokers/0/partition-replicas`);
    await ask('listReplicas', `${topic}/partitions/0/replicas`);
    await ask('getReplica', `${topic}/partitions/0/replicas/0`);
    await ask('listReassignments', `${topic}/partitions/-/reassignment`);
    await ask('getReassignment', `${topic}/partitions/0/reassignment`, undefined, 404);
  });

  await as('produce', async ({ ask, broker }) => {
    for (const topic of topics) {
      await ask('produceToTopic', `/topics/${topic}`, records(1));
      for (let partition = 0; partition < full; partition += 1) {
        const path = `/topics/${topic}/partitions/${partition}`;
        for (let i = 0; i <= partition; i += 1) await ask('produceToPartition', path, records(1));
      }
      await ask('produceToPartition', `/topics/${topic}/partitions/0`, records(1, 10_000));
      // More producers than the head remembers, and each of them again.
      for (let i = 0; i < 12; i += 1) {
        const producers = [
          { partition: 0, producer_id: i % 6, producer_epoch: 0, sequence: Math.floor(i / 6) },
        ];
        const path = `/topics/${topic}/partitions/0`;
        await ask('produceToPartition', path, { ...records(1), producers });
      }
    }
    await ask('produceStream', `${cluster}/topics/t/records`, {});
    await ask('produceBatchV3', `${cluster}/topics/t/records:batch`, { entries: [{ id: 'a' }] });
    const keyed = { topic: 't', idempotencyKey: 'k' };
    const record = { key: null, value: Buffer.from('v'), headers: [] };
    await broker.produce({ ...keyed, records: [record] });
  });
  await clock.run(fillRings());
  // The same key in another process, which has to look for it.
  await as('produce', async ({ broker }) => {
    const record = { key: null, value: Buffer.from('v'), headers: [] };
    await broker.produce({ topic: 't', idempotencyKey: 'k', records: [record] });
    await broker.produce({ topic: 't', idempotencyKey: 'l', records: [record] });
  });

  await as('fetch', async ({ ask }) => {
    await ask('getOffsets', '/topics/t/partitions/0/offsets');
    await ask('getOffsets', '/topics/t/partitions/0/offsets?timestamp=1');
    await ask('getPartitionOffset', `${cluster}/topics/t/partitions/0/offset`);
  });
  for (const partition of [0, 1, full]) {
    await as('fetch', async ({ ask }) => {
      const path = `/topics/t/partitions/${partition}/records`;
      await ask('fetchRecords', `${path}?offset=beginning`);
      await ask('fetchRecords', `${path}?offset=end`);
    });
    // Whoever serves members reads for them.
    await as('consume', async ({ broker }) => {
      const bounds = { minBytes: 0, maxWaitMs: 0, maxBytes: 1_000_000 };
      await broker.fetch({ topic: 't', partition, offset: 'beginning', ...bounds });
      await broker.fetch({ topic: 't', partition, offset: 'end', ...bounds });
      await broker.clusterId();
    });
  }

  await as('admin', async ({ ask }) => {
    await ask('deleteTopic', `${cluster}/topics/gone`);
    await ask('createTopic', `${cluster}/topics`, { topic_name: 'gone' });
  });
  // A deletion of which nothing but the mark came to pass.
  await as('admin', async ({ engine }) => {
    const input = { name: 'half-gone', dueMs: stores.clock.now() };
    await drive(markTopic, input, engine.performMark, engine.deadline());
  });

  const member = { member_id: 'm', session_timeout_ms: 6_000, subscribed_topic_names: ['t'] };
  await as('consume', async ({ ask }) => {
    const joined = await ask('heartbeat', '/groups/g/heartbeat', { ...member, member_epoch: 0 });
    const { member_epoch: epoch } = JSON.parse(joined) as { member_epoch: number };
    await ask('heartbeat', '/groups/g/heartbeat', { member_id: 'm', member_epoch: epoch });
    const offsets = [{ name: 't', partitions: [{ partition_index: 0, committed_offset: 1 }] }];
    const who = { member_id: 'm', generation_id_or_member_epoch: epoch };
    await ask('commitOffsets', '/groups/g/offsets', { ...who, topics: offsets });
    await ask('commitOffsets', '/groups/alone/offsets', { topics: offsets });
    await ask('fetchOffsets', '/groups/g/offsets:fetch', {});
    await ask('fetchOffsets', '/groups/g/offsets:fetch', {
      topics: [{ name: 't', partition_indexes: [0] }],
    });
  });
  await as('admin', async ({ ask }) => {
    const groups = `${cluster}/consumer-groups`;
    const place = 't/partitions/0';
    await ask('listGroups', groups);
    await ask('getGroup', `${groups}/g`);
    await ask('listConsumers', `${groups}/g/consumers`);
    await ask('getConsumer', `${groups}/g/consumers/m`);
    await ask('listAssignments', `${groups}/g/consumers/m/assignments`);
    await ask('getAssignment', `${groups}/g/consumers/m/assignments/${place}`);
    await ask('getLagSummary', `${groups}/g/lag-summary`);
    await ask('listLags', `${groups}/g/lags`);
    await ask('getLag', `${groups}/g/lags/${place}`);
    await ask('resetOffsets', `${groups}/alone/offsets:reset`, { to: 'latest' });
    const of = [{ topic_name: 't' }];
    await ask('resetOffsets', `${groups}/new/offsets:reset`, { to: 'earliest', topics: of });
    // The first record of a time may lie in an object.
    const to = { timestamp: stores.clock.now() - 1 };
    await ask('resetOffsets', `${groups}/new/offsets:reset`, { to, topics: of });
    await ask('resetOffsets', `${groups}/new/offsets:reset`, { to: { timestamp: 1 }, topics: of });
    await ask('deleteOffsets', `${groups}/alone/offsets:delete`, {
      partitions: [{ topic_name: 't', partition_id: 0 }],
    });
  });
  await as('consume', async ({ ask }) => {
    await ask('heartbeat', '/groups/g/heartbeat', { member_id: 'm', member_epoch: -1 });
  });
  await as('admin', async ({ ask }) => {
    await ask('deleteGroup', `${cluster}/consumer-groups/g`);
  });

  // A pass that finds nothing to do, one that is stopped in the middle, and one that ends the work.
  for (const looks of [0, 1, Infinity]) {
    await as('maintain', async ({ engine }) => {
      let left = looks;
      await maintainOnce(engine, { expired: () => (left -= 1) < 0 }, { takeOver: true });
      await engine.settled();
    });
  }
  await useInstances();
  await measureLag();
  await lookAfterGroups();
  expect(asked).toEqual(new Set(routes.map(({ operation }) => operation)));
});

test.each(duties)('%s does what its role allows, and its role allows what it does', (duty) => {
  // Not a call, but what makes S3 say "not there" rather than "not allowed".
  const also = permissions[duty].objects.includes('GetObject') ? ['ListBucket stage/*'] : [];
  expect(new Set([...done[duty], ...also])).toEqual(new Set(granted(duty)));
});
