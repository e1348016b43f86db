import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { fakeBroker } from './fake-broker.ts';
import type { FakeBroker } from './fake-broker.ts';

const headers = { 'content-type': 'application/json' };
const post = (to: FakeBroker, path: string, body: unknown) =>
  ask(to, `POST ${path}`, { headers, body });

async function broker(): Promise<FakeBroker> {
  const fake = await fakeBroker();
  fake.told.commitOffsets = [];
  fake.told.fetchOffsets = [];
  return fake;
}

/** What the last call of groups was given. */
const given = (fake: FakeBroker) => fake.asked.at(-1)?.args[0];

describe('a commit', () => {
  const topics = [
    {
      name: 't',
      partitions: [{ partition_index: 0, committed_offset: 7, committed_metadata: null }],
    },
  ];

  test('of a member, and without membership', async () => {
    const fake = await broker();
    const offsets = [{ topic: 't', partition: 0, offset: 7n }];
    await post(fake, '/groups/g/offsets', {
      generation_id_or_member_epoch: 3,
      member_id: 'm',
      group_instance_id: 'i',
      topics,
      commit_number: 12,
    });
    const member = { memberId: 'm', memberEpoch: 3, instanceId: 'i' };
    expect(given(fake)).toEqual({ group: 'g', member, offsets, commitNumber: 12 });
    for (const nobody of [
      {},
      { member_id: '', generation_id_or_member_epoch: -1 },
      { member_id: null, generation_id_or_member_epoch: null, group_instance_id: null },
    ]) {
      await post(fake, '/groups/g/offsets', { ...nobody, topics });
      expect(given(fake)).toEqual({ group: 'g', offsets });
    }
  });

  test('is answered in the order of its partitions, topics as they come', async () => {
    const fake = await broker();
    fake.told.commitOffsets = [
      { topic: 'a', partition: 1 },
      { topic: 'b', partition: 0, error: 'REQUEST_TIMED_OUT' },
      { topic: 'a', partition: 0, error: 'UNKNOWN_MEMBER_ID', message: 'somebody owns it' },
    ];
    const answer = await post(fake, '/groups/g/offsets', { topics });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      topics: [
        { name: 'a', partitions: [{ partition_index: 1, error_code: null }] },
        {
          name: 'b',
          partitions: [
            {
              partition_index: 0,
              error_code: 50_401,
              error_name: 'REQUEST_TIMED_OUT',
              error_message: 'the request ran out of time and its outcome is unknown',
            },
          ],
        },
        {
          name: 'a',
          partitions: [
            {
              partition_index: 0,
              error_code: 40_403,
              error_name: 'UNKNOWN_MEMBER_ID',
              error_message: 'somebody owns it',
            },
          ],
        },
      ],
    });
  });

  test('of the largest offset is exact', async () => {
    const fake = await broker();
    const text = JSON.stringify({ topics }).replace(':7,', ':9223372036854775807,');
    await post(fake, '/groups/g/offsets', text);
    expect(given(fake)).toMatchObject({ offsets: [{ offset: 2n ** 63n - 1n }] });
  });

  const at = (more: object) => ({ topics: [{ name: 't', partitions: [more] }] });
  test.each([
    [{}, 'expected an array, got nothing field=topics'],
    [{ topics, member_id: 'm' }, 'or neither of them for a commit without membership'],
    [{ topics, generation_id_or_member_epoch: 1 }, 'expected member_id and'],
    [{ topics, group_instance_id: 'i' }, 'expected member_id and'],
    [{ topics: [{ name: 't' }] }, 'expected an array, got nothing field=topics[0].partitions'],
    [at({ committed_offset: 1 }), 'got nothing field=topics[0].partitions[0].partition_index'],
    [
      at({ partition_index: 0, committed_offset: -1 }),
      'expected an integer from 0 to 9223372036854775807, got -1 field=topics[0].partitions[0].committed_offset',
    ],
    [at({ partition_index: 0, committed_offset: '1' }), 'got "1"'],
    [at({ partition_index: 0, committed_offset: 1, committed_leader_epoch: -2 }), 'got -2'],
    [at({ partition_index: 0, committed_offset: 1, committed_metadata: {} }), 'a string, got {}'],
    [at({ partition_index: 0, committed_offset: 1, offset: 1 }), 'got "offset"'],
    [
      '{"topics":[{"name":"t","partitions":[{"partition_index":0,"committed_offset":9223372036854775808}]}]}',
      'got 9223372036854775808',
    ],
  ])('of %j is refused', async (body, message) => {
    const fake = await broker();
    const answer = await post(fake, '/groups/g/offsets', body);
    expect(answer.json).toMatchObject({
      error_code: 40_001,
      message: expect.stringContaining(message),
    });
    expect(fake.asked).toEqual([]);
  });

  test('of more partitions than a member may own is 413', async () => {
    const partitions = Array.from({ length: 4_001 }, (_, partition) => {
      return { partition_index: partition, committed_offset: 1 };
    });
    const fake = await broker();
    const answer = await post(fake, '/groups/g/offsets', { topics: [{ name: 't', partitions }] });
    expect(answer.json).toMatchObject({ error_code: 413, message: expect.stringMatching(/4001/) });
    expect(fake.asked).toEqual([]);
  });
});

describe('reading offsets', () => {
  test('of some partitions, or of all', async () => {
    const fake = await broker();
    fake.told.fetchOffsets = [
      { topic: 't', partition: 0, committed: { offset: 4n, leaderEpoch: 1, metadata: 'm' } },
      { topic: 't', partition: 1 },
      { topic: 'u', partition: 0, error: 'UNKNOWN_TOPIC_OR_PARTITION' },
    ];
    const answer = await post(fake, '/groups/g/offsets:fetch', {
      topics: [{ name: 't', partition_indexes: [0, 1] }],
      require_stable: true,
    });
    expect(given(fake)).toEqual({
      group: 'g',
      partitions: [
        { topic: 't', partition: 0 },
        { topic: 't', partition: 1 },
      ],
    });
    const none = { committed_offset: -1, committed_leader_epoch: -1, metadata: '' };
    expect(answer.json).toEqual({
      topics: [
        {
          name: 't',
          partitions: [
            {
              partition_index: 0,
              committed_offset: 4,
              committed_leader_epoch: 1,
              metadata: 'm',
              error_code: null,
            },
            { partition_index: 1, ...none, error_code: null },
          ],
        },
        {
          name: 'u',
          partitions: [
            {
              partition_index: 0,
              ...none,
              error_code: 40_401,
              error_name: 'UNKNOWN_TOPIC_OR_PARTITION',
              error_message: 'no such topic or partition',
            },
          ],
        },
      ],
    });
    for (const body of [{}, { topics: null }]) {
      await post(fake, '/groups/g/offsets:fetch', body);
      expect(given(fake)).toEqual({ group: 'g' });
    }
    await post(fake, '/groups/g/offsets%3Afetch', { topics: [] });
    expect(given(fake)).toEqual({ group: 'g', partitions: [] });
  });

  test.each([
    [{ topics: {} }, 'expected an array'],
    [{ topics: [{ name: 't', partitions: [0] }] }, 'got "partitions"'],
    [{ require_stable: 1 }, 'expected true or false, got 1'],
  ])('of %j is refused', async (body, message) => {
    const fake = await broker();
    const answer = await post(fake, '/groups/g/offsets:fetch', body);
    expect(answer.json).toMatchObject({
      error_code: 40_001,
      message: expect.stringContaining(message),
    });
  });
});
