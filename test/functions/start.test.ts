import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { variablesOf } from '../../functions/configuration.ts';
import { start } from '../../functions/start.ts';

const variables = variablesOf({ tableName: 'table', bucketName: 'bucket', deployment: 'd' });

let server: Server | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
});

/** A DynamoDB that has one table, and knows nothing but to describe it. */
async function dynamoDb(table: object): Promise<void> {
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ Table: table }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
}

test('a process starts on a table of one region', async () => {
  await dynamoDb({ TableName: 'table' });
  const parts = await start({ ...variables, TAILRACE_PUBLIC_URL: 'https://h' });
  expect(parts.publicUrl).toBe('https://h');
});

test('a table where the last writer wins is refused', async () => {
  await dynamoDb({ TableName: 'table', Replicas: [{ RegionName: 'eu-west-1' }] });
  await expect(start(variables)).rejects.toThrow(/eu-west-1.*last writer wins/);
});

test('without its variables it does not start', async () => {
  await expect(start({})).rejects.toThrow(/TAILRACE_TABLE: expected/);
});
