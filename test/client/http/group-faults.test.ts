// What a client makes of answers about groups that are none, or not as they should be.
import { describe, expect, test } from 'vitest';
import type { GroupBroker } from '../../../lib/broker/group-types.ts';
import { httpServer } from './servers.ts';
import { ended, transportTo } from './transports.ts';

const at = { topic: 't', partition: 0 };
const offsets = [{ ...at, offset: 1n }];

/** How every operation ends with a server that answers everything alike, but what cluster it is. */
async function endings(status: number, body: unknown, type = 'application/json') {
  const server = await httpServer((request, response) => {
    const isCluster = request.url === '/v3/clusters';
    const text = isCluster ? { data: [{ cluster_id: 'c' }] } : body;
    const isHtml = !isCluster && type !== 'application/json';
    response.writeHead(isCluster ? 200 : status, {
      'content-type': isCluster ? 'application/json' : type,
      'x-request-id': '1',
    });
    response.end(isHtml ? String(text) : JSON.stringify(text));
  });
  const transport = transportTo(server.url);
  const beat = { group: 'g', memberId: 'm', memberEpoch: 1 };
  const reset = { group: 'g', dryRun: false } as const;
  const calls: Record<string, Promise<unknown>> = {
    heartbeat: transport.heartbeat(beat),
    'heartbeat with offsets': transport.heartbeat({ ...beat, offsets }),
    'heartbeat with numbered offsets': transport.heartbeat({ ...beat, offsets, commitNumber: 1 }),
    commit: transport.commitOffsets({ group: 'g', offsets }),
    'numbered commit': transport.commitOffsets({ group: 'g', offsets, commitNumber: 1 }),
    'fetch of offsets': transport.fetchOffsets({ group: 'g' }),
    list: transport.listGroups(),
    description: transport.describeGroup('g'),
    lag: transport.groupLag('g'),
    'deletion of offsets': transport.deleteOffsets('g', [at]),
    reset: transport.resetOffsets({ ...reset, to: { kind: 'earliest' } }),
    shift: transport.resetOffsets({ ...reset, to: { kind: 'shift', by: 1n } }),
    'dry shift': transport.resetOffsets({
      ...reset,
      to: { kind: 'shift', by: 1n },
      dryRun: true,
    }),
  };
  const found = Object.entries(calls).map(async ([name, call]) => [name, (await ended(call))[0]]);
  return Object.fromEntries(await Promise.all(found)) as Record<string, string>;
}

/** Reads fail with this name. Of writes nobody knows, and few may not be repeated. */
const open = (reading: string) => ({
  heartbeat: 'unknown',
  'heartbeat with offsets': 'unknown, may duplicate',
  'heartbeat with numbered offsets': 'unknown',
  commit: 'unknown, may duplicate',
  'numbered commit': 'unknown',
  'fetch of offsets': reading,
  list: reading,
  description: reading,
  lag: reading,
  'deletion of offsets': 'unknown',
  reset: 'unknown',
  shift: 'unknown, may duplicate',
  'dry shift': reading,
});

describe('nobody knows what came of a write', () => {
  test('that a gateway failed to pass on', async () => {
    expect(await endings(502, '<h1>', 'text/html')).toEqual(open('NETWORK_EXCEPTION'));
  });

  test('that a server failed at', async () => {
    const body = { error_code: 50_002, message: 'a bug' };
    expect(await endings(500, body)).toEqual(open('UNKNOWN_SERVER_ERROR'));
  });

  test.each([
    ['nothing', {}],
    ['a list', []],
    ['other lists', { data: [{}], topics: [{}], assignment: {}, offsets: [{}] }],
    ['no lists', { data: 1, topics: 1, assignment: { topic_partitions: 1 }, offsets: 1 }],
  ])('that was answered with %s', async (_what, body) => {
    expect(await endings(200, body)).toEqual(open('MISMATCHED_ENDPOINT_TYPE'));
  });
});

test('what is refused has not happened', async () => {
  const body = { error_code: 40_001, message: 'expected a string' };
  const found = await endings(400, body);
  expect(new Set(Object.values(found))).toEqual(new Set(['INVALID_REQUEST']));
});

describe('an error of one partition', () => {
  async function outcome(fields: object): ReturnType<GroupBroker['commitOffsets']> {
    const partitions = [{ partition_index: 0, error_message: 'why', ...fields }];
    const server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': '1' });
      response.end(JSON.stringify({ topics: [{ name: 't', partitions }] }));
    });
    return transportTo(server.url).commitOffsets({ group: 'g', offsets });
  }

  test.each([
    ['by its name', 40_903, 'STALE_MEMBER_EPOCH', 'STALE_MEMBER_EPOCH'],
    ['that leaves it open', 50_401, 'REQUEST_TIMED_OUT', 'REQUEST_TIMED_OUT'],
    ['of a newer Kafka', 40_999, 'NAME_OF_TOMORROW', 'INVALID_REQUEST'],
    ['of a newer Kafka that failed', 50_099, 'NAME_OF_TOMORROW', 'REQUEST_TIMED_OUT'],
  ])('%s', async (_what, code, name, error) => {
    const found = await outcome({ error_code: code, error_name: name });
    expect(found).toEqual([{ ...at, error, message: 'why' }]);
  });
});
