import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AwsClients } from '../../lib/adapters/aws/clients.ts';
import { S3Objects } from '../../lib/adapters/aws/objects.ts';
import { DynamoTable } from '../../lib/adapters/aws/table.ts';
import { clientsOf, closeClients } from './aws-world.ts';
import { bytesOf, itemWith } from './items.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/** A service that gives every request the same answer, byte for byte as a test wants it. */
let answer: Answer = { status: 200, body: '' };
let requests = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    requests += 1;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  });
});
let clients: AwsClients;
let table: DynamoTable;
let objects: S3Objects;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  clients = clientsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  table = new DynamoTable(clients.dynamoDb, 't');
  objects = new S3Objects(clients.s3, 'b');
});
afterAll(() => {
  closeClients(clients);
  server.close();
});
beforeEach(() => {
  requests = 0;
});

const dynamo = (status: number, name: string, message = 'said'): Answer => ({
  status,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message }),
  headers: { 'content-type': 'application/x-amz-json-1.0' },
});
const xml = (status: number, code: string): Answer => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>said</Message></Error>`,
  headers: { 'content-type': 'application/xml' },
});
const bare = (status: number, body = ''): Answer => ({ status, body });

describe('DynamoDB answers a write with', () => {
  test.each<readonly [string, Answer, string, string]>([
    ['a throttle', dynamo(400, 'ProvisionedThroughputExceededException'), 'throttled', 'throttled'],
    ['a throttle', dynamo(400, 'ThrottlingException'), 'throttled', 'throttled'],
    ['a throttle', dynamo(400, 'RequestLimitExceeded'), 'throttled', 'throttled'],
    ['a refusal', dynamo(400, 'AccessDeniedException'), 'unavailable', 'unavailable'],
    ['a refusal', dynamo(400, 'UnrecognizedClientException'), 'unavailable', 'unavailable'],
    ['a refusal', dynamo(400, 'ExpiredTokenException'), 'unavailable', 'unavailable'],
    ['a refusal', dynamo(400, 'InvalidSignatureException'), 'unavailable', 'unavailable'],
    ['a refusal', dynamo(400, 'ResourceNotFoundException'), 'unavailable', 'unavailable'],
    ['a refusal', dynamo(400, 'TransactionConflictException'), 'unavailable', 'unavailable'],
    ['a refusal', dynamo(400, 'ReplicatedWriteConflictException'), 'unavailable', 'unavailable'],
    ['a refusal', dynamo(400, 'TransactionInProgressException'), 'indeterminate', 'unavailable'],
    ['an error', dynamo(500, 'InternalServerError'), 'indeterminate', 'unavailable'],
    ['an error', dynamo(503, 'ServiceUnavailable'), 'indeterminate', 'unavailable'],
    ['no words', bare(500), 'indeterminate', 'unavailable'],
    ['no words', bare(502, '<html>bad gateway</html>'), 'indeterminate', 'unavailable'],
    ['no words', bare(403), 'unavailable', 'unavailable'],
    ['no words', bare(413, '<html>too large</html>'), 'unavailable', 'unavailable'],
    ['a success that cannot be read', bare(200, '{"Item":'), 'indeterminate', 'unavailable'],
    ['a redirection', bare(301), 'unavailable', 'unavailable'],
  ])('%s: %o', async (_, given, write, read) => {
    answer = given;
    const writes = [
      await table.put(itemWith({}), { kind: 'any' }),
      await table.delete({ pk: 'p', sk: 's' }, { kind: 'any' }),
      await table.append({ pk: 'p', sk: 's' }, 1, bytesOf(1)),
      await table.transact([{ kind: 'put', item: itemWith({}), condition: { kind: 'any' } }]),
    ];
    expect(writes.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => write));
    const reads = [
      await table.get({ pk: 'p', sk: 's' }, { consistent: true }),
      await table.query('p', { from: 'a', to: 'b' }, { limit: 1, consistent: true }),
    ];
    expect(reads.map(({ kind }) => kind)).toEqual([read, read]);
    expect(requests).toBe(6);
  });

  test('an append of which it does not say what it led to', async () => {
    answer = bare(200, '{}');
    const outcome = await table.append({ pk: 'p', sk: 's' }, 1, bytesOf(1));
    expect(outcome.kind).toBe('indeterminate');
  });

  test.each([
    [
      'AccessDeniedException',
      /^access denied: allow the role this action.* action=dynamodb:PutItem table=t answer="AccessDeniedException: said"$/,
    ],
    ['ResourceNotFoundException', /^not found: deploy it, or check .*: table=t/],
    ['ExpiredTokenException', /^request failed: action=dynamodb:PutItem table=t .*ExpiredToken/],
  ])('%s: the cause says what is missing', async (name, cause) => {
    answer = dynamo(400, name);
    const outcome = await table.put(itemWith({}), { kind: 'any' });
    expect(outcome).toHaveProperty('cause', expect.stringMatching(cause));
  });

  test('a request that it calls wrong is a bug', async () => {
    answer = dynamo(400, 'ValidationException', 'One or more parameter values were invalid');
    const put = table.put(itemWith({}), { kind: 'any' });
    await expect(put).rejects.toThrow('not valid: action=dynamodb:PutItem table=t');
    answer = dynamo(400, 'ValidationException', 'Item size to update has exceeded the maximum');
    const append = table.append({ pk: 'p', sk: 's' }, 1, bytesOf(1));
    await expect(append).rejects.toThrow('item is too large');
  });

  test('an item that is none of ours is a bug', async () => {
    answer = bare(200, JSON.stringify({ Item: { pk: { S: 'p' }, sk: { S: 's' }, v: { S: '1' } } }));
    const get = table.get({ pk: 'p', sk: 's' }, { consistent: true });
    await expect(get).rejects.toThrow('number v');
  });
});

describe('S3 answers', () => {
  test.each<readonly [string, Answer, string, string]>([
    ['patience', xml(503, 'SlowDown'), 'throttled', 'throttled'],
    ['that it is there', xml(412, 'PreconditionFailed'), 'condition-failed', 'unavailable'],
    ['that it is there', bare(412), 'condition-failed', 'unavailable'],
    ['a conflict', xml(409, 'ConditionalRequestConflict'), 'unavailable', 'unavailable'],
    ['a refusal', xml(403, 'AccessDenied'), 'unavailable', 'unavailable'],
    ['a refusal', xml(403, 'RequestTimeTooSkewed'), 'unavailable', 'unavailable'],
    ['a refusal', xml(404, 'NoSuchBucket'), 'unavailable', 'unavailable'],
    ['damage on the way', xml(400, 'BadDigest'), 'unavailable', 'unavailable'],
    ['another region', xml(301, 'PermanentRedirect'), 'unavailable', 'unavailable'],
    ['half a body', xml(400, 'RequestTimeout'), 'unavailable', 'unavailable'],
    ['an error', xml(500, 'InternalError'), 'indeterminate', 'unavailable'],
    ['an error', xml(503, 'ServiceUnavailable'), 'indeterminate', 'unavailable'],
    ['no words', bare(503), 'indeterminate', 'unavailable'],
    ['no words', bare(400), 'unavailable', 'unavailable'],
  ])('%s: %o', async (_, given, write, read) => {
    answer = given;
    expect((await objects.put('k', bytesOf(1))).kind).toBe(write);
    expect((await objects.get('k')).kind).toBe(read);
    expect((await objects.list('k')).kind).toBe(read);
    expect(requests).toBe(3);
  });

  test('that there is no such object, which a missing bucket does not say', async () => {
    answer = xml(404, 'NoSuchKey');
    expect(await objects.get('k')).toEqual({ kind: 'done', value: undefined });
    answer = xml(404, 'NoSuchBucket');
    const outcome = await objects.get('k');
    expect(outcome).toHaveProperty('cause', expect.stringMatching(/^not found: .*bucket=b/));
  });

  test('a damaged object: its checksum is compared', async () => {
    const headers = { 'x-amz-checksum-crc32c': '4waSgw==', 'x-amz-checksum-type': 'FULL_OBJECT' };
    answer = { status: 200, body: '123456789', headers };
    const whole = await objects.get('k');
    expect(whole.kind === 'done' && Buffer.from(whole.value ?? []).toString()).toBe('123456789');
    answer = { ...answer, body: '123456780' };
    expect((await objects.get('k')).kind).toBe('unavailable');
  });

  const deletion = (...results: string[]): Answer => ({
    status: 200,
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult>${results.join('')}</DeleteResult>`,
  });
  const gone = (key: string): string => `<Deleted><Key>${key}</Key></Deleted>`;
  const kept = (key: string, code: string): string =>
    `<Error><Key>${key}</Key><Code>${code}</Code><Message>said</Message></Error>`;

  test('a deletion of some: only those are named that are certainly gone', async () => {
    answer = deletion(gone('c'), kept('b', 'InternalError'), gone('a'));
    expect(await objects.delete(['a', 'b', 'c', 'd'])).toEqual({ kind: 'done', value: ['a', 'c'] });
  });

  test.each([
    ['AccessDenied', 'unavailable'],
    ['SlowDown', 'throttled'],
    ['InternalError', 'indeterminate'],
  ])('a deletion of none, because of %s', async (code, kind) => {
    answer = deletion(kept('a', code), kept('b', code));
    expect((await objects.delete(['a', 'b'])).kind).toBe(kind);
  });
});
