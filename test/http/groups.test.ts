import { describe, expect, test } from 'vitest';
import { OutcomeUnknown } from '../../lib/engine/outcome-unknown.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import type { KafkaErrorName } from '../../lib/protocol/errors.ts';
import { ask } from './ask.ts';
import { fakeBroker } from './fake-broker.ts';
import type { FakeBroker } from './fake-broker.ts';

const headers = { 'content-type': 'application/json' };
const post = (to: FakeBroker, path: string, body: unknown) =>
  ask(to, `POST ${path}`, { headers, body });

async function broker(): Promise<FakeBroker> {
  const fake = await fakeBroker();
  fake.told.heartbeat = {
    memberEpoch: 3,
    heartbeatIntervalMs: 15_000,
    assignment: [],
    committed: [],
  };
  return fake;
}

/** What the last call of groups was given. */
const given = (fake: FakeBroker) => fake.asked.at(-1)?.args[0];

describe('a heartbeat', () => {
  test('is passed on as it came, and answered as Kafka spells it', async () => {
    const fake = await broker();
    fake.told.heartbeat = {
      memberEpoch: 9,
      heartbeatIntervalMs: 1_000,
      assignment: [
        {
          topic: 't',
          topicId: 'id-t',
          partition: 0,
          grantedIn: 8,
          committed: { offset: 9_007_199_254_740_993n, leaderEpoch: 2, metadata: 'm' },
        },
        { topic: 't', topicId: 'id-t', partition: 1, grantedIn: 9 },
        { topic: 'u', topicId: 'id-u', partition: 0, grantedIn: 9 },
      ],
      committed: [
        { topic: 't', partition: 2 },
        { topic: 't', partition: 3, error: 'STALE_MEMBER_EPOCH', message: 'the epoch is old' },
      ],
    };
    const answer = await post(fake, '/groups/g/heartbeat', {
      member_id: 'm-1',
      member_epoch: 8,
      instance_id: 'i',
      client_id: 'c',
      client_host: 'h',
      session_timeout_ms: 6_000,
      rebalance_timeout_ms: 60_000,
      subscribed_topic_names: ['t', 'u'],
      server_assignor: 'roundrobin',
      topic_partitions: [{ topic_name: 't', partitions: [0, 1] }],
      offsets: [
        {
          name: 't',
          partitions: [
            { partition_index: 2, committed_offset: 5 },
            {
              partition_index: 3,
              committed_offset: 6,
              committed_leader_epoch: -1,
              committed_metadata: 'x',
            },
          ],
        },
      ],
      last_epoch: 7,
      commit_number: 4,
    });
    expect(given(fake)).toEqual({
      group: 'g',
      memberId: 'm-1',
      memberEpoch: 8,
      instanceId: 'i',
      clientId: 'c',
      clientHost: 'h',
      sessionTimeoutMs: 6_000,
      rebalanceTimeoutMs: 60_000,
      subscription: ['t', 'u'],
      assignor: 'round-robin',
      owned: [
        { topic: 't', partition: 0 },
        { topic: 't', partition: 1 },
      ],
      offsets: [
        { topic: 't', partition: 2, offset: 5n },
        { topic: 't', partition: 3, offset: 6n, leaderEpoch: -1, metadata: 'x' },
      ],
      lastEpoch: 7,
      commitNumber: 4,
    });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"committed_offset":9007199254740993');
    expect(answer.json).toEqual({
      member_id: 'm-1',
      member_epoch: 9,
      heartbeat_interval_ms: 1_000,
      assignment: {
        topic_partitions: [
          {
            topic_id: 'id-t',
            topic_name: 't',
            partitions: [0, 1],
            grants: [
              {
                partition_index: 0,
                granted_in: 8,
                committed_offset: expect.any(Number),
                committed_leader_epoch: 2,
                metadata: 'm',
              },
              {
                partition_index: 1,
                granted_in: 9,
                committed_offset: -1,
                committed_leader_epoch: -1,
                metadata: '',
              },
            ],
          },
          {
            topic_id: 'id-u',
            topic_name: 'u',
            partitions: [0],
            grants: [
              {
                partition_index: 0,
                granted_in: 9,
                committed_offset: -1,
                committed_leader_epoch: -1,
                metadata: '',
              },
            ],
          },
        ],
      },
      offsets: [
        {
          name: 't',
          partitions: [
            { partition_index: 2, error_code: null },
            {
              partition_index: 3,
              error_code: 40_903,
              error_name: 'STALE_MEMBER_EPOCH',
              error_message: 'the epoch is old',
            },
          ],
        },
      ],
    });
  });

  test('without what is optional, and with null, says nothing of it', async () => {
    const fake = await broker();
    const bare = { member_id: 'm', member_epoch: 3 };
    await post(fake, '/groups/g/heartbeat', bare);
    expect(given(fake)).toEqual({ group: 'g', memberId: 'm', memberEpoch: 3 });
    await post(fake, '/groups/g/heartbeat', {
      ...bare,
      instance_id: null,
      rebalance_timeout_ms: -1,
      session_timeout_ms: -1,
      subscribed_topic_names: null,
      subscribed_topic_regex: null,
      server_assignor: null,
      topic_partitions: null,
      offsets: null,
      commit_number: null,
    });
    expect(given(fake)).toEqual({ group: 'g', memberId: 'm', memberEpoch: 3 });
    await post(fake, '/groups/g/heartbeat', { ...bare, topic_partitions: [] });
    expect(given(fake)).toMatchObject({ owned: [] });
    await post(fake, '/groups/g/heartbeat', { ...bare, subscribed_topic_regex: 'a.*' });
    expect(given(fake)).toMatchObject({ subscription: { pattern: 'a.*' } });
  });

  test.each([
    ['/groups/a%2Fb/heartbeat', 'a/b'],
    ['/groups/a%20b%3A%C3%A9/heartbeat', 'a b:é'],
    ['/groups/%2E%2E/heartbeat', '..'],
    ['/groups//heartbeat', ''],
    ['/groups/100%25/heartbeat', '100%'],
    [`/groups/${'g'.repeat(500)}/heartbeat`, 'g'.repeat(500)],
  ])('of the group at %s', async (path, group) => {
    const fake = await broker();
    const answer = await post(fake, path, { member_id: 'm', member_epoch: 0 });
    expect([answer.status, given(fake)]).toEqual([200, { group, memberId: 'm', memberEpoch: 0 }]);
  });

  const with1 = (more: object) => ({ member_id: 'm', member_epoch: 1, ...more });
  test.each([
    [[], 'expected an object, got []'],
    [null, 'expected an object, got null'],
    [{}, 'expected a string, got nothing field=member_id'],
    [{ member_id: 1 }, 'expected a string, got 1 field=member_id'],
    [
      { member_id: 'm' },
      'expected an integer from -2 to 2147483647, got nothing field=member_epoch',
    ],
    [with1({ member_epoch: -3 }), 'got -3 field=member_epoch'],
    [with1({ member_epoch: 1.5 }), 'got 1.5 field=member_epoch'],
    [with1({ member_epoch: '1' }), 'got "1" field=member_epoch'],
    [with1({ group_id: 'g' }), 'expected only the fields member_id, member_epoch'],
    [with1({ instance_id: 5 }), 'expected a string, got 5 field=instance_id'],
    [with1({ session_timeout_ms: -2 }), 'got -2 field=session_timeout_ms'],
    [with1({ subscribed_topic_names: 't' }), 'expected an array, got "t"'],
    [
      with1({ subscribed_topic_names: [1] }),
      'expected a string, got 1 field=subscribed_topic_names[0]',
    ],
    [
      with1({ subscribed_topic_names: [], subscribed_topic_regex: 'a' }),
      'expected one of subscribed_topic_names and subscribed_topic_regex, got both',
    ],
    [with1({ server_assignor: 'best' }), 'expected one of uniform, range, round-robin, sticky'],
    [with1({ topic_partitions: [{ topic_name: 't' }] }), 'field=topic_partitions[0].partitions'],
    [
      with1({ topic_partitions: [{ topic_name: 't', partitions: [0, -1] }] }),
      'expected an integer from 0 to 2147483647, got -1 field=topic_partitions[0].partitions[1]',
    ],
    [
      with1({ topic_partitions: [{ topic_id: 'T', partitions: [] }] }),
      'expected a string, got nothing field=topic_partitions[0].topic_name',
    ],
    [with1({ topic_partitions: [{ id: 't', partitions: [] }] }), 'got "id"'],
    [with1({ commit_number: 0 }), 'expected an integer from 1 to 9007199254740991'],
    [
      '{"member_id":"m","member_epoch":1,"commit_number":9007199254740993}',
      'got 9007199254740993 field=commit_number',
    ],
    ['{"member_id":"\\ud800","member_epoch":1}', 'expected a string'],
    ['{"member_id":', 'expected JSON'],
  ])('of %j is refused', async (body, message) => {
    const fake = await broker();
    const answer = await post(fake, '/groups/g/heartbeat', body);
    expect(answer.json).toMatchObject({
      error_code: 40_001,
      message: expect.stringContaining(message),
    });
    expect(fake.asked).toEqual([]);
  });

  test.each([
    ['INVALID_GROUP_ID', 40_001],
    ['UNKNOWN_MEMBER_ID', 40_403],
    ['FENCED_INSTANCE_ID', 40_903],
    ['FENCED_MEMBER_EPOCH', 40_903],
    ['GROUP_MAX_SIZE_REACHED', 40_903],
    ['INVALID_REGULAR_EXPRESSION', 40_001],
  ] satisfies readonly [KafkaErrorName, number][])('%s is %i', async (name, code) => {
    const fake = await broker();
    fake.told.heartbeat = new ProtocolError(name, 'because');
    const answer = await post(fake, '/groups/g/heartbeat', { member_id: 'm', member_epoch: 1 });
    expect(answer.json).toEqual({ error_code: code, message: 'because' });
    expect(answer.headers['tailrace-error']).toBe(name);
  });

  test('whose outcome is unknown says so, and that it may be repeated', async () => {
    const fake = await broker();
    fake.told.heartbeat = new OutcomeUnknown('m', false);
    const answer = await post(fake, '/groups/g/heartbeat', { member_id: 'm', member_epoch: 1 });
    expect(answer.json).toMatchObject({
      error_code: 50_401,
      command_id: 'm',
      retry_may_duplicate: false,
    });
  });

  test('of another type of body is 415', async () => {
    const text = { headers: { 'content-type': 'text/plain' }, body: '{}' };
    expect((await ask(await broker(), 'POST /groups/g/heartbeat', text)).status).toBe(415);
  });
});
