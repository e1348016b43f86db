import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../lib/client/create-client.ts';
import type { ClientOptions } from '../../lib/client/create-client.ts';
import { KafkaError } from '../../lib/client/errors.ts';
import { temporaryDirectory } from '../adapters/directories.ts';
import { startCloudFormation } from '../aws/cloudformation.ts';
import type { CloudFormation } from '../aws/cloudformation.ts';
import { startTestServer } from '../conformance/server.ts';
import { endServers, serve } from '../local/server-process.ts';
import { httpServer } from './http/servers.ts';

const directory = temporaryDirectory();
afterAll(() => rm(directory, { recursive: true }));
afterEach(() => void vi.unstubAllEnvs());

async function refusal(options: unknown): Promise<KafkaError> {
  const error: unknown = await createClient(options as ClientOptions).then(
    (client) => client.close(),
    (thrown: unknown) => thrown,
  );
  if (error instanceof KafkaError) return error;
  throw new Error(`expected a refusal, got ${String(error)}`);
}

describe('options that do not fit together', () => {
  test.each([
    undefined,
    {},
    { url: '' },
    { url: 5 },
    { dir: '' },
    { table: 't' },
    { bucket: 'b' },
    { url: 'http://h', dir: 'd' },
    { dir: 'd', url: undefined },
    { dir: 'd', region: 'us-east-1' },
    { url: 'http://h', region: 'us-east-1' },
    { table: 't', bucket: 'b', sign: true },
    { table: 't', bucket: 'b', stack: 's' },
    { stack: 's', via: 'table' },
    { urll: 'http://h' },
  ])('%o', async (options) => {
    const { kafka, message } = await refusal(options);
    expect(kafka).toBe('INVALID_CONFIG');
    expect(message).toMatch(/^expected one of \{ url, sign\?.*\{ table, bucket, region\? \}/);
    for (const name of Object.keys(options ?? {})) expect(message.split('got ')[1]).toContain(name);
  });

  test.each([
    'localhost:8082',
    'ftp://h',
    'http://user:secret@h',
    'http://h?x=1',
    'http://h#x',
    'tailrace',
  ])('a URL such as %s', async (url) => {
    const { kafka, message } = await refusal({ url });
    expect(kafka).toBe('INVALID_CONFIG');
    expect(message).toMatch(/expected a URL of http or https without user, query and fragment/);
  });

  test('a time that is none', async () => {
    for (const requestTimeoutMs of [0, -1, 1.5, 2 ** 31]) {
      const { message } = await refusal({ url: 'http://h', requestTimeoutMs });
      expect(message).toContain('requestTimeoutMs');
    }
  });
});

describe('a directory', () => {
  afterEach(() => endServers());

  test('that another process holds: it is said which', async () => {
    const dir = join(directory, 'held');
    const server = serve(dir);
    await server.url();
    await expect(createClient({ dir })).rejects.toThrow(
      new RegExp(`held by tailrace serve \\(pid=${server.pid} .*directory=${dir}`),
    );
  });

  test('that this process holds, and lets go of', async () => {
    const dir = join(directory, 'own');
    const first = await createClient({ dir });
    await expect(createClient({ dir })).rejects.toThrow(/held by a tailrace client \(pid=/);
    await first.admin.createTopic({ name: 't' });
    await first.close();
    await using second = await createClient({ dir });
    expect(await second.admin.listTopics()).toEqual([{ name: 't', partitions: 1 }]);
  });
});

describe('a stack', () => {
  let cloudFormation: CloudFormation;
  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_REGION', 'us-east-1');
  });
  afterEach(() => cloudFormation.close());
  const withStacks = async (stacks: Parameters<typeof startCloudFormation>[0]) => {
    cloudFormation = await startCloudFormation(stacks);
    vi.stubEnv('AWS_ENDPOINT_URL_CLOUDFORMATION', cloudFormation.url);
  };

  test('leads to its API', async () => {
    const server = await startTestServer();
    await withStacks({ log: { ApiUrl: server.url, TableName: 't', BucketName: 'b' } });
    await using client = await createClient({ stack: 'log' });
    expect(await client.admin.listTopics()).toEqual([]);
    await server.close();
  });

  test('without the outputs: it is said which it has', async () => {
    await withStacks({ log: { ApiUrl: 'http://h' }, other: { Queue: 'q', Role: 'r' }, bare: {} });
    const message = async (options: object) => (await refusal(options)).message;
    expect(await message({ stack: 'other' })).toMatch(
      /ApiUrl, got one .* Queue, Role: stack=other/,
    );
    expect(await message({ stack: 'log', via: 'stores' })).toMatch(
      /TableName, BucketName, got one with the outputs ApiUrl: stack=log/,
    );
    expect(await message({ stack: 'bare' })).toMatch(/the outputs none: stack=bare/);
  });

  test('that is not there', async () => {
    await withStacks({});
    const { kafka, message } = await refusal({ stack: 'lo<g' });
    expect(kafka).toBe('INVALID_CONFIG');
    expect(message).toMatch(/none of that name in this region: stack=lo<g/);
  });
});

test('a table where the last writer wins is refused', async () => {
  const server = await httpServer((_request, response) => {
    const Replicas = [{ RegionName: 'eu-west-1' }];
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ Table: { TableName: 't', Replicas } }));
  });
  vi.stubEnv('AWS_ENDPOINT_URL', server.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const stores = { table: 't', bucket: 'b', region: 'us-east-1' };
  await expect(createClient(stores)).rejects.toThrow(/the last writer wins.*table=t/);
});
