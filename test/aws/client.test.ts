import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { createClient } from '../../lib/client/create-client.ts';
import { clientsOf, closeClients, createBucket, createTable } from '../adapters/aws-world.ts';
import { clientSuite } from '../client/client-suite.ts';
import { newAccount, region } from './account.ts';

const account = newAccount();
const credentials = { accessKeyId: account, secretAccessKey: 'secret' };
let stores = { table: '', bucket: '' };

beforeAll(async () => {
  const clients = clientsOf(inject('emulator'), { credentials });
  stores = {
    table: await createTable(clients.dynamoDb),
    bucket: await createBucket(clients.s3),
  };
  closeClients(clients);
  // As a user's process has it: nothing but the environment says where and who.
  vi.stubEnv('AWS_ENDPOINT_URL', inject('emulator'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', account);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_REGION', region);
});
afterAll(() => void vi.unstubAllEnvs());

clientSuite('on table and bucket', async () => {
  const client = await createClient(stores);
  return { client, close: () => client.close() };
});

test('two clients of one log are two processes of one log', async () => {
  const topic = 'shared';
  await using one = await createClient({ ...stores, region });
  await using other = await createClient(stores);
  await one.admin.createTopic({ name: topic });
  const producer = one.producer({ lingerMs: 0 });
  const another = other.producer({ lingerMs: 0 });
  const values = Array.from({ length: 20 }, (_, index) => String(index));
  const sent = await Promise.all(
    values.map((value, index) => (index % 2 === 0 ? producer : another).send({ topic, value })),
  );
  const offsets = sent.map((delivery) => Number(delivery.offset));
  expect(offsets.toSorted((a, b) => a - b)).toEqual(values.map(Number));
  for (const client of [one, other]) {
    const found = new Map<number, string>();
    for await (const record of client.consumer({ assignments: [{ topic }], until: 'end' })) {
      found.set(Number(record.offset), String(record.value));
    }
    expect(values.map((_, index) => found.get(offsets[index] ?? -1))).toEqual(values);
  }
});

test('a table that is not there is told at once', async () => {
  await expect(createClient({ ...stores, table: 'no-such-table' })).rejects.toThrow(
    /expected the table of a deployment.*TableName: table=no-such-table/,
  );
});
