import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpFunction } from '../../functions/http-function.ts';
import { assemble } from '../../functions/start.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import { Engine } from '../../lib/engine/engine.ts';
import type { GatewayEvent } from '../../lib/http/lambda-request.ts';
import type { Route } from '../../lib/http/route.ts';
import { startHttpServer } from '../../lib/local/http-server.ts';
import type { HttpServer } from '../../lib/local/http-server.ts';
import type { Environment } from '../../lib/ports/environment.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { systemClock } from '../../lib/adapters/system/clock.ts';
import { memoryEnv, otherProcess } from '../engine/memory-env.ts';
import { contextOf, groupOf, httpEvent, restEvent } from './events.ts';
import type { Call, Handler } from './events.ts';
import { writtenLines } from './written-lines.ts';

// The same calls, one after the other, to a server of a laptop and through the events of both kinds
// of API to the function that each calls: the answers are the same, byte for byte.

writtenLines();

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const json = { 'content-type': 'application/json' };
const type = (embedded: string) => ({
  'content-type': `application/vnd.kafka.${embedded}.v2+json`,
});
const batch = encodeBatch([{ key: null, value: Buffer.from('raw'), headers: [], timestamp: 5n }], {
  codec: 'none',
});

/** `CLUSTER` stands for the id of the cluster, which each of the three has chosen for itself. */
const calls: readonly Call[] = [
  { line: 'GET /' },
  { line: 'GET /health' },
  { line: 'GET /brokers', headers: { accept: 'application/vnd.kafka.v2+json' } },
  {
    line: 'POST /v3/clusters/CLUSTER/topics',
    headers: json,
    body: '{"topic_name":"t","partitions_count":2}',
  },
  { line: 'POST /v3/clusters/CLUSTER/topics', headers: json, body: '{"topic_name":"t"}' },
  { line: 'POST /v3/clusters/other/topics', headers: json, body: '{"topic_name":"u"}' },
  { line: 'GET /v3/clusters/CLUSTER/topics/t' },
  { line: 'GET /topics' },
  { line: 'GET /topics/t' },
  { line: 'GET /topics/nothing' },
  {
    line: 'POST /topics/t',
    headers: type('json'),
    body: '{"records":[{"partition":0,"value":"é"},{"partition":7,"value":1}]}',
  },
  { line: 'POST /topics/t', headers: json, body: '{"records":[{"partition":0,"value":"é"}]}' },
  {
    line: 'POST /topics/t/partitions/1',
    headers: type('binary'),
    body: '{"records":[{"value":"AP8="}]}',
  },
  {
    line: 'POST /topics/t/partitions/1',
    headers: { 'content-type': 'application/octet-stream' },
    body: batch,
  },
  {
    line: 'POST /topics/t/partitions/1',
    headers: { 'content-type': 'application/octet-stream' },
    body: batch.subarray(1),
  },
  {
    line: 'POST /topics/t/partitions/0',
    headers: { ...json, 'idempotency-key': 'k' },
    body: '{"records":[{"value":1}]}',
  },
  {
    line: 'POST /topics/t/partitions/0',
    headers: { ...json, 'idempotency-key': 'k' },
    body: '{"records":[{"value":1}]}',
  },
  { line: 'POST /topics/t', headers: json, body: '{"records":[' },
  {
    line: 'POST /topics/t',
    headers: type('json'),
    body: Buffer.from('{"records":[{"value":"\xff"}]}', 'latin1'),
  },
  { line: 'POST /topics/t', headers: { 'content-type': 'text/plain' }, body: 'x' },
  { line: 'POST /topics/t', headers: type('json'), body: Buffer.alloc(4 * 1024 * 1024 + 1, ' ') },
  {
    line: 'GET /topics/t/partitions/0/records?offset=0',
    headers: { accept: 'application/vnd.kafka.json.v2+json' },
  },
  {
    line: 'GET /topics/t/partitions/1/records?offset=beginning',
    headers: { accept: 'application/vnd.kafka.binary.v2+json' },
  },
  { line: 'GET /topics/t/partitions/1/records?offset=beginning' },
  { line: 'GET /topics/t/partitions/1/records?offset=99' },
  { line: 'GET /topics/t/partitions/1/records?offset=0&offset=1' },
  { line: 'GET /topics/t/partitions/1/records?offset=0&min%5Fbytes=x' },
  { line: 'GET /topics/t/partitions/0/records?offset=0', headers: { accept: 'text/html' } },
  { line: 'HEAD /topics/t/partitions/0/records?offset=0' },
  { line: 'GET /topics/t/partitions/0/offsets' },
  { line: 'GET /topics/t/partitions/0/offsets?timestamp=max' },
  { line: 'GET /topics/t/partitions/9/offsets' },
  { line: 'GET /topics/t/partitions/x/offsets' },
  {
    line: 'POST /v3/clusters/CLUSTER/topics/t/records',
    headers: json,
    body: '{"partition_id":1}{"value":{"type":"STRING","data":"a"}} x',
  },
  {
    line: 'POST /v3/clusters/CLUSTER/topics/t/records:batch',
    headers: json,
    body: '{"entries":[{"id":"a","partition_id":0},{"id":"b","partition_id":9}]}',
  },
  { line: 'GET /v3/clusters/CLUSTER/topics/t/partitions/1/offset' },
  {
    line: 'PUT /v3/clusters/CLUSTER/topics/t/configs/retention.ms',
    headers: json,
    body: '{"value":"1000"}',
  },
  { line: 'GET /v3/clusters/CLUSTER/topics/t/configs/retention.ms' },
  {
    line: 'POST /groups/g%20%C3%A9%3A%2541/offsets',
    headers: json,
    body: '{"topics":[{"name":"t","partitions":[{"partition_index":0,"committed_offset":1}]}]}',
  },
  { line: 'POST /groups/g%20%C3%A9%3A%2541/offsets:fetch', headers: json, body: '{}' },
  { line: 'POST /groups/g/offsets:fetch', headers: json, body: '{"topics":1}' },
  {
    line: 'POST /groups/g/heartbeat',
    headers: json,
    body: '{"member_id":"m","member_epoch":3}',
  },
  { line: 'GET /v3/clusters/CLUSTER/consumer-groups' },
  { line: 'GET /v3/clusters/CLUSTER/consumer-groups/g%20%C3%A9%3A%2541/lags' },
  {
    line: 'POST /v3/clusters/CLUSTER/consumer-groups/g%20%C3%A9%3A%2541/offsets:reset',
    headers: json,
    body: '{"to":"earliest","dry_run":true}',
  },
  { line: 'DELETE /v3/clusters/CLUSTER/consumer-groups/g%20%C3%A9%3A%2541' },
  { line: 'GET /v3/clusters/CLUSTER/consumer-groups/g%20%C3%A9%3A%2541' },
  { line: 'GET /nothing' },
  { line: 'GET /topics/%zz' },
  { line: 'GET /topics/a%20b' },
  { line: 'GET /topics/%E2%82%AC%3F%23' },
  { line: 'GET /topics/a%2541' },
  { line: 'GET /topics/t/' },
  { line: 'DELETE /topics' },
  { line: 'DELETE /' },
  { line: 'OPTIONS /topics/t' },
  { line: 'OPTIONS /nothing' },
  { line: 'HEAD /topics' },
  { line: 'DELETE /v3/clusters/CLUSTER/topics/t' },
  { line: 'GET /topics' },
];

/** What members of groups ask, and instances of the REST proxies. */
const post = (path: string, body: unknown): Call => ({
  line: `POST ${path}`,
  headers: json,
  body: JSON.stringify(body),
});
const instance = '/consumers/c/instances/one';
const offsetsOfT = (offset: number) => [
  { name: 't', partitions: [{ partition_index: 0, committed_offset: offset }] },
];
const groupCalls: readonly Call[] = [
  post('/groups/g/heartbeat', { member_id: 'm', member_epoch: 0, subscribed_topic_names: ['t'] }),
  post('/groups/g/heartbeat', { member_id: 'm', member_epoch: 1 }),
  post('/groups/g/heartbeat', { member_id: 'm', member_epoch: 99 }),
  post('/groups/g/heartbeat', { member_id: 'nobody', member_epoch: 1 }),
  post('/groups/g/heartbeat', { member_id: 'm', member_epoch: 0, server_assignor: 'best' }),
  post('/groups/g/heartbeat', {}),
  post('/groups/g/offsets', {
    member_id: 'm',
    generation_id_or_member_epoch: 1,
    topics: offsetsOfT(1),
  }),
  post('/groups/g/offsets', { topics: offsetsOfT(0) }),
  post('/groups/a%20b/offsets', { topics: offsetsOfT(0) }),
  post('/groups/g/offsets:fetch', {}),
  post('/groups/nothing/offsets:fetch', { topics: [{ name: 't', partition_indexes: [0] }] }),
  { line: 'GET /v3/clusters/CLUSTER/consumer-groups' },
  { line: 'GET /v3/clusters/CLUSTER/consumer-groups/a%20b' },
  { line: 'GET /v3/clusters/CLUSTER/consumer-groups/g/consumers/m/assignments' },
  { line: 'GET /v3/clusters/CLUSTER/consumer-groups/g/lags' },
  { line: 'GET /v3/clusters/CLUSTER/consumer-groups/nothing/lag-summary' },
  { line: 'DELETE /v3/clusters/CLUSTER/consumer-groups/g' },
  post('/groups/g/heartbeat', { member_id: 'm', member_epoch: -1 }),
  { line: 'DELETE /v3/clusters/CLUSTER/consumer-groups/g' },
  post('/consumers/c', { name: 'one', 'auto.offset.reset': 'earliest' }),
  post('/consumers/c', { name: 'one' }),
  post(`${instance}/subscription`, { topics: ['t'] }),
  { line: `GET ${instance}/records` },
  { line: `GET ${instance}/records`, headers: { accept: 'text/html' } },
  { line: `POST ${instance}/offsets` },
  { line: `GET ${instance}/offsets` },
  post(`${instance}/assignments`, { partitions: [{ topic: 't', partition: 0 }] }),
  { line: `DELETE ${instance}` },
  { line: `GET ${instance}/records` },
];

/** Time stands still and nothing is left to chance, so that answers can be compared. */
const newStores = (): Environment =>
  memoryEnv({
    clock: { ...systemClock(), now: () => 1_800_000_000_000 },
    random: { next: () => 0 },
  });

let server: HttpServer;
beforeAll(async () => {
  const engine = new Engine(newStores(), { prices: awsPrices, onError: () => undefined });
  const log = () => undefined;
  server = await startHttpServer({ broker: createBroker(engine), host: '127.0.0.1', port: 0, log });
});
afterAll(() => server.close());

async function askServer({ line, headers = {}, body }: Call): Promise<Answer> {
  const [method = '', target = ''] = line.split(' ');
  const sent = body === undefined ? {} : { body: Buffer.from(body) };
  const init = { method, headers, ...sent };
  const response = await fetch(server.url + target, init);
  const text = (await response.text()).replaceAll(server.url, 'BASE');
  return { status: response.status, headers: Object.fromEntries(response.headers), text };
}

/** The functions behind an API, each a process of its own on the same stores. */
function askFunctions(eventOf: (call: Call) => GatewayEvent): (call: Call) => Promise<Answer> {
  const stores = newStores();
  const handlerOf = (group: Route['group']): Handler =>
    httpFunction(
      group,
      assemble(otherProcess(stores), { deployment: 'd' }, () => undefined),
    );
  const handlers = {
    produce: handlerOf('produce'),
    fetch: handlerOf('fetch'),
    consume: handlerOf('consume'),
    admin: handlerOf('admin'),
  };
  return async (call) => {
    const result = await handlers[groupOf(call)](eventOf(call), contextOf());
    const bytes = Buffer.from(result.body, result.isBase64Encoded === true ? 'base64' : 'utf8');
    return {
      status: result.statusCode,
      headers: (result.headers ?? {}) as Readonly<Record<string, string>>,
      text: bytes.toString('utf8').replaceAll('http://h:1', 'BASE'),
    };
  };
}

/** What a connection or a gateway adds, and what is new with every request. */
const notCompared = new Set(['connection', 'content-length', 'date', 'keep-alive', 'x-request-id']);

/** While the topic is still there. */
const isDeletion = ({ line }: Call): boolean => line === 'DELETE /v3/clusters/CLUSTER/topics/t';
/** Drawn where the topic was made. */
const topicId = /"topic_id":"[^"]*",/g;

async function talk(ask: (call: Call) => Promise<Answer>): Promise<readonly object[]> {
  const health = await ask({ line: 'GET /health' });
  const { cluster_id: cluster } = JSON.parse(health.text) as { cluster_id: string };
  const answers: object[] = [];
  const groupsToo = calls.toSpliced(calls.findIndex(isDeletion), 0, ...groupCalls);
  for (const call of groupsToo) {
    const { status, headers, text } = await ask({
      ...call,
      line: call.line.replace('CLUSTER', cluster),
    });
    const compared = Object.entries(headers)
      .filter(([name]) => !notCompared.has(name))
      .map(([name, value]) => [
        name,
        value.replaceAll(/^http:\/\/[^/]*/g, 'BASE').replaceAll(cluster, 'CLUSTER'),
      ]);
    answers.push({
      call: call.line,
      hasId: headers['x-request-id'] !== undefined,
      status,
      headers: Object.fromEntries(compared),
      text: text.replaceAll(cluster, 'CLUSTER').replaceAll(topicId, ''),
    });
  }
  return answers;
}

test('the functions of both kinds of API answer as the server of a laptop does', async () => {
  const local = await talk(askServer);
  expect(local).toHaveLength(calls.length + groupCalls.length);
  expect(await talk(askFunctions(httpEvent))).toEqual(local);
  expect(await talk(askFunctions(restEvent))).toEqual(local);
});
