import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { createClient } from '../../../lib/client/create-client.ts';
import { must } from '../../../lib/std/assert.ts';
import { clientSuite } from '../../client/client-suite.ts';
import { region } from '../account.ts';
import { startCloudFormation } from '../cloudformation.ts';
import { account } from '../deploy.ts';

const { stack, url } = must(inject('deployment'), 'deployment');
const credentials = { accessKeyId: account, secretAccessKey: 'secret' };

beforeAll(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', inject('emulator'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', account);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_REGION', region);
});
afterAll(() => void vi.unstubAllEnvs());

// What a stack says of itself has the URL that AWS would answer; the emulator's is another.
clientSuite('over the API of a stack, signed', async () => {
  const cloudFormation = await startCloudFormation({ [stack]: { ApiUrl: url } });
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDFORMATION', cloudFormation.url);
  try {
    const client = await createClient({ stack, sign: { region, credentials } });
    return { client, close: () => client.close() };
  } finally {
    vi.stubEnv('AWS_ENDPOINT_URL_CLOUDFORMATION', undefined);
    await cloudFormation.close();
  }
});

clientSuite('on the stores of a stack', async () => {
  const client = await createClient({ stack, via: 'stores' });
  return { client, close: () => client.close() };
});

test('API and stores are the same log', async () => {
  await using api = await createClient({ url });
  await using stores = await createClient({ stack, via: 'stores', region });
  expect(await stores.admin.clusterId()).toBe(await api.admin.clusterId());
  const topic = 'by-both-doors';
  await api.admin.createTopic({ name: topic });
  const deliveries = [];
  for (const client of [api, stores, api, stores]) {
    await using producer = client.producer({ lingerMs: 0 });
    deliveries.push(await producer.send({ topic, value: 'v' }));
  }
  expect(deliveries.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n]);
});
