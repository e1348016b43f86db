import { describe, expect, test } from 'vitest';
import type { GroupDescription, PartitionLag } from '../../lib/broker/group-types.ts';
import { OutcomeUnknown } from '../../lib/engine/outcome-unknown.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import { ask } from './ask.ts';
import { fakeBroker } from './fake-broker.ts';
import type { FakeBroker } from './fake-broker.ts';

const headers = { 'content-type': 'application/json' };
const groups = '/v3/clusters/cluster-1/consumer-groups';
const self = `http://h:1${groups}`;
const topic = 'http://h:1/v3/clusters/cluster-1/topics/t/partitions/1';
const crn = 'crn:///kafka=cluster-1/consumer-group=a b';

const described: GroupDescription = {
  group: 'a b',
  status: 'reconciling',
  members: 2,
  assignor: 'uniform',
  epoch: 7,
  memberList: [
    {
      memberId: 'm/2',
      clientId: 'c',
      clientHost: 'h',
      subscription: { pattern: 't.*' },
      assignment: [],
      target: [{ topic: 't', partition: 0 }],
      beatMs: 1_800_000_000_000,
    },
    {
      memberId: 'm/1',
      instanceId: 'i',
      clientId: 'c',
      clientHost: 'h',
      subscription: ['t'],
      assignment: [
        { topic: 't', partition: 10 },
        { topic: 't', partition: 1 },
      ],
      target: [{ topic: 't', partition: 1 }],
      beatMs: 1_800_000_000_001,
    },
  ],
};

const lags: readonly PartitionLag[] = [
  { topic: 't', partition: 2, logEndOffset: 5n, member: described.memberList[0] as never },
  {
    topic: 't',
    partition: 1,
    committed: { offset: 3n, leaderEpoch: -1, metadata: 'm' },
    logEndOffset: 10n,
    lag: 7n,
  },
  {
    topic: 't',
    partition: 0,
    committed: { offset: 9_007_199_254_740_993n, leaderEpoch: 0, metadata: '' },
    logEndOffset: 9_007_199_254_740_999n,
    lag: 6n,
    member: described.memberList[1] as never,
  },
];

async function broker(): Promise<FakeBroker> {
  const fake = await fakeBroker();
  fake.told.describeGroup = described;
  fake.told.groupLag = lags;
  fake.told.listGroups = [described];
  return fake;
}

const get = async (path: string) => ask(await broker(), `GET ${groups}${path}`);

const group = {
  kind: 'KafkaConsumerGroup',
  metadata: { self: `${self}/a%20b`, resource_name: crn },
  cluster_id: 'cluster-1',
  consumer_group_id: 'a b',
  is_simple: false,
  partition_assignor: 'uniform',
  state: 'RECONCILING',
  type: 'CONSUMER',
  is_mixed_consumer_group: false,
  members_count: 2,
  coordinator: { related: 'http://h:1/v3/clusters/cluster-1/brokers/0' },
  consumers: { related: `${self}/a%20b/consumers` },
  lag_summary: { related: `${self}/a%20b/lag-summary` },
  lags: { related: `${self}/a%20b/lags` },
};

describe("resources are spelled as Confluent's proxies spell them", () => {
  test('groups', async () => {
    const metadata = { self, next: null };
    expect((await get('')).json).toEqual({
      kind: 'KafkaConsumerGroupList',
      metadata,
      data: [group],
    });
    expect((await get('/a%20b')).json).toEqual({ ...group, group_epoch: 7 });
  });

  test('consumers, by their ids', async () => {
    const first = {
      kind: 'KafkaConsumer',
      metadata: { self: `${self}/a%20b/consumers/m%2F1`, resource_name: `${crn}/consumer=m/1` },
      cluster_id: 'cluster-1',
      consumer_group_id: 'a b',
      consumer_id: 'm/1',
      instance_id: 'i',
      client_id: 'c',
      client_host: 'h',
      subscribed_topic_names: ['t'],
      subscribed_topic_regex: null,
      assignment: [
        { topic_name: 't', partition_id: 10 },
        { topic_name: 't', partition_id: 1 },
      ],
      target_assignment: [{ topic_name: 't', partition_id: 1 }],
      heartbeat_timestamp: 1_800_000_000_001,
      assignments: { related: `${self}/a%20b/consumers/m%2F1/assignments` },
    };
    expect((await get('/a%20b/consumers/m%2F1')).json).toEqual(first);
    expect((await get('/a%20b/consumers')).json).toMatchObject({
      kind: 'KafkaConsumerList',
      metadata: { self: `${self}/a%20b/consumers`, next: null },
      data: [
        first,
        {
          consumer_id: 'm/2',
          instance_id: null,
          subscribed_topic_names: [],
          subscribed_topic_regex: 't.*',
        },
      ],
    });
  });

  test('assignments, in the order of partitions', async () => {
    const path = `${self}/a%20b/consumers/m%2F1/assignments`;
    const first = {
      kind: 'KafkaConsumerAssignment',
      metadata: {
        self: `${path}/t/partitions/1`,
        resource_name: `${crn}/consumer=m/1/assignment=t/partition=1`,
      },
      cluster_id: 'cluster-1',
      consumer_group_id: 'a b',
      consumer_id: 'm/1',
      topic_name: 't',
      partition_id: 1,
      partition: { related: topic },
      lag: { related: `${self}/a%20b/lags/t/partitions/1` },
    };
    const below = '/a%20b/consumers/m%2F1/assignments';
    expect((await get(`${below}/t/partitions/1`)).json).toEqual(first);
    expect((await get(below)).json).toMatchObject({
      kind: 'KafkaConsumerAssignmentList',
      metadata: { self: path, next: null },
      data: [first, { partition_id: 10 }],
    });
    const page = (await get(`${below}?page_size=1`)).json as { metadata: { next: string } };
    const next = await get(page.metadata.next.slice(self.length));
    expect(next.json).toMatchObject({ data: [{ partition_id: 10 }], metadata: { next: null } });
  });

  test('lag, exactly, whether or not somebody owns the partition', async () => {
    const answer = await get('/a%20b/lags');
    expect(answer.text).toContain('"current_offset":9007199254740993');
    expect(answer.json).toMatchObject({
      kind: 'KafkaConsumerLagList',
      data: [{ partition_id: 0 }, { partition_id: 1 }, { partition_id: 2 }],
    });
    expect((await get('/a%20b/lags/t/partitions/1')).json).toEqual({
      kind: 'KafkaConsumerLag',
      metadata: {
        self: `${self}/a%20b/lags/t/partitions/1`,
        resource_name: `${crn}/lag=t/partition=1`,
      },
      cluster_id: 'cluster-1',
      consumer_group_id: 'a b',
      topic_name: 't',
      partition_id: 1,
      consumer_id: '',
      instance_id: null,
      client_id: '',
      client_host: '',
      current_offset: 3,
      log_end_offset: 10,
      lag: 7,
      committed_leader_epoch: -1,
      committed_metadata: 'm',
    });
    expect((await get('/a%20b/lags/t/partitions/2')).json).toMatchObject({
      consumer_id: 'm/2',
      current_offset: null,
      lag: null,
      committed_leader_epoch: null,
      committed_metadata: null,
    });
  });

  test('the sum of it, and who is most behind', async () => {
    const summary = {
      kind: 'KafkaConsumerGroupLagSummary',
      metadata: { self: `${self}/a%20b/lag-summary`, resource_name: `${crn}/lag-summary` },
      cluster_id: 'cluster-1',
      consumer_group_id: 'a b',
      max_lag_consumer_id: '',
      max_lag_instance_id: null,
      max_lag_client_id: '',
      max_lag_topic_name: 't',
      max_lag_partition_id: 1,
      max_lag: 7,
      total_lag: 13,
      max_lag_consumer: { related: `${self}/a%20b/consumers` },
      max_lag_partition: { related: topic },
    };
    expect((await get('/a%20b/lag-summary')).json).toEqual(summary);
    const fake = await broker();
    fake.told.groupLag = lags.filter(({ partition }) => partition === 0);
    expect((await ask(fake, `GET ${groups}/a%20b/lag-summary`)).json).toMatchObject({
      max_lag_consumer_id: 'm/1',
      max_lag_instance_id: 'i',
      max_lag_consumer: { related: `${self}/a%20b/consumers/m%2F1` },
    });
    fake.told.groupLag = lags.filter(({ partition }) => partition === 2);
    expect((await ask(fake, `GET ${groups}/a%20b/lag-summary`)).json).toMatchObject({
      error_code: 404,
      message: expect.stringContaining('committed'),
    });
  });
});

describe('what changes a group', () => {
  const post = (fake: FakeBroker, what: string, body: unknown) =>
    ask(fake, `POST ${groups}/g/offsets:${what}`, { headers, body });

  test('a reset says what became of each, or would', async () => {
    const fake = await broker();
    fake.told.resetOffsets = [
      { topic: 't', partition: 0, before: 9_007_199_254_740_993n, after: 0n },
      { topic: 't', partition: 1, error: 'UNKNOWN_MEMBER_ID', message: 'somebody owns it' },
      { topic: 't', partition: 2, after: 4n },
    ];
    const answer = await post(fake, 'reset', {
      to: { timestamp: 5 },
      topics: [{ topic_name: 't' }, { topic_name: 'u', partitions: [1] }],
      dry_run: true,
    });
    expect(fake.asked).toEqual([
      {
        method: 'resetOffsets',
        args: [
          {
            group: 'g',
            of: [{ topic: 't' }, { topic: 'u', partitions: [1] }],
            to: { kind: 'timestamp', timestamp: 5n },
            dryRun: true,
          },
        ],
      },
    ]);
    expect(answer.text).toContain('"previous_offset":9007199254740993');
    expect(answer.json).toMatchObject({
      data: [
        { topic_name: 't', partition_id: 0, offset: 0, error_code: null },
        {
          topic_name: 't',
          partition_id: 1,
          previous_offset: null,
          offset: null,
          error_code: 40_403,
          error_name: 'UNKNOWN_MEMBER_ID',
          error_message: 'somebody owns it',
        },
        { topic_name: 't', partition_id: 2, previous_offset: null, offset: 4, error_code: null },
      ],
    });
  });

  test.each([
    ['"earliest"', { kind: 'earliest' }],
    ['"latest"', { kind: 'latest' }],
    ['{"offset":9007199254740993}', { kind: 'offset', offset: 9_007_199_254_740_993n }],
    ['{"shift":-9007199254740993}', { kind: 'shift', by: -9_007_199_254_740_993n }],
  ])('a reset to %s', async (to, kind) => {
    const fake = await broker();
    fake.told.resetOffsets = [];
    expect((await post(fake, 'reset', `{"to":${to}}`)).json).toEqual({ data: [] });
    expect(fake.asked.at(-1)?.args).toEqual([{ group: 'g', to: kind, dryRun: false }]);
  });

  test('a deletion of offsets names them, and says what became of each', async () => {
    const fake = await broker();
    fake.told.deleteOffsets = [{ topic: 't', partition: 0 }];
    const partitions = [{ topic_name: 't', partition_id: 0 }];
    expect((await post(fake, 'delete', { partitions })).json).toEqual({
      data: [{ topic_name: 't', partition_id: 0, error_code: null }],
    });
    expect(fake.asked.at(-1)?.args).toEqual(['g', [{ topic: 't', partition: 0 }]]);
    for (const body of [{}, { partitions: [] }, { partitions: [{ topic_name: 't' }] }]) {
      expect((await post(fake, 'delete', body)).json).toMatchObject({
        error_code: 40_001,
        message: expect.stringMatching(/^expected .* field=partitions/),
      });
    }
  });

  test('a deletion of a group answers nothing, or why not', async () => {
    const fake = await broker();
    const remove = () => ask(fake, `DELETE ${groups}/a%20b`);
    expect(await remove()).toMatchObject({ status: 204, text: '' });
    expect(fake.asked.at(-1)).toEqual({ method: 'deleteGroup', args: ['a b'] });
    fake.told.deleteGroup = new ProtocolError('NON_EMPTY_GROUP');
    expect((await remove()).json).toMatchObject({ error_code: 40_903 });
    fake.told.deleteGroup = new ProtocolError('GROUP_ID_NOT_FOUND');
    expect((await remove()).json).toMatchObject({ error_code: 40_405 });
    fake.told.deleteGroup = new OutcomeUnknown('a b', false);
    expect((await remove()).json).toMatchObject({ error_code: 50_401 });
  });

  test('of another cluster is not asked for', async () => {
    const fake = await broker();
    const other = '/v3/clusters/another/consumer-groups';
    for (const line of [
      `GET ${other}`,
      `GET ${other}/g`,
      `DELETE ${other}/g`,
      `GET ${other}/g/lags`,
    ]) {
      expect((await ask(fake, line)).json).toMatchObject({ error_code: 404 });
    }
    expect(fake.asked).toEqual([]);
  });
});
