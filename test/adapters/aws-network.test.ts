import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { AwsClients } from '../../lib/adapters/aws/clients.ts';
import { S3Objects } from '../../lib/adapters/aws/objects.ts';
import { DynamoTable } from '../../lib/adapters/aws/table.ts';
import type { Condition, Item, MetadataTable } from '../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import { newAccount } from '../aws/account.ts';
import { startProxy } from './aws-proxy.ts';
import type { Mode, Proxy } from './aws-proxy.ts';
import { clientsOf, closeClients, createBucket, createTable } from './aws-world.ts';
import { bytesOf, itemWith, read, shown } from './items.ts';

/** Ends what never ends by itself. */
const short = { connectMs: 400, tableMs: 400, objectMs: 400 };
/** Ends nothing that a busy machine would end by itself. */
const long = { connectMs: 20_000, tableMs: 20_000, objectMs: 20_000 };
/** What ends only because it is ended, and how a write then ended. */
const modes: readonly [Mode, typeof long, boolean][] = [
  ['reset-request', long, false],
  ['reset-reply', long, true],
  ['swallow', short, false],
  ['swallow-reply', short, true],
  ['stall', short, true],
  ['drip', short, true],
];

const on = (version: number): Condition => ({ kind: 'version', version });
const before = itemWith({ version: 1, body: new Uint8Array(500) });
const after = itemWith({ version: 2, body: bytesOf(2) });
type Effect = (table: MetadataTable) => Promise<{ readonly kind: string }>;
const writes: readonly [string, Effect, Item | undefined][] = [
  [
    'append',
    (table) => table.append(before, 1, bytesOf(3)),
    itemWith({ ...before, appended: [bytesOf(3)], bytes: 1 }),
  ],
  ['transact', (table) => table.transact([{ kind: 'put', item: after, condition: on(1) }]), after],
];

const account = { credentials: { accessKeyId: newAccount(), secretAccessKey: 'secret' } };
let direct: AwsClients;
let proxy: Proxy;
let tableName: string;
let bucketName: string;
let table: DynamoTable;
let objects: S3Objects;
let clients: AwsClients | undefined;
beforeAll(async () => {
  direct = clientsOf(inject('emulator'), { ...account, timeouts: long });
  tableName = await createTable(direct.dynamoDb);
  bucketName = await createBucket(direct.s3);
  table = new DynamoTable(direct.dynamoDb, tableName);
  objects = new S3Objects(direct.s3, bucketName);
});
afterAll(() => closeClients(direct));
beforeEach(async () => {
  proxy = await startProxy(inject('emulator'));
});
afterEach(async () => {
  if (clients !== undefined) closeClients(clients);
  await proxy.close();
});

/** The stores behind the proxy, which already hold a connection that worked. */
async function behind(timeouts: typeof long): Promise<[MetadataTable, ObjectStore]> {
  clients = clientsOf(proxy.url, { ...account, timeouts });
  return [new DynamoTable(clients.dynamoDb, tableName), new S3Objects(clients.s3, bucketName)];
}

describe.each(modes)('a network that does %s', (mode, timeouts, served) => {
  test.each(writes)('a write (%s) is indeterminate', async (_, write, done) => {
    await table.put(before, { kind: 'any' });
    const [faulty] = await behind(timeouts);
    proxy.mode = mode;
    expect((await write(faulty)).kind).toBe('indeterminate');
    // What was served may be served later than the caller gave up.
    if (served) {
      await expect.poll(() => read(table, 'p', 's'), { timeout: 20_000 }).toEqual(shown(done));
    } else {
      expect(await read(table, 'p', 's')).toEqual(shown(before));
    }
  });

  test('reads got no answer, and the next call has a connection that works', async () => {
    await table.put(before, { kind: 'any' });
    await objects.put('read', new Uint8Array(500));
    const [faulty, faultyObjects] = await behind(timeouts);
    proxy.mode = mode;
    const answers = await Promise.all([
      faulty.get(before, { consistent: true }),
      faulty.query('p', { from: 'a', to: 'z' }, { limit: 9, consistent: true }),
      faultyObjects.get('read'),
      faultyObjects.get('read', { from: 0, length: 400 }),
      faultyObjects.list('read'),
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(answers.map(() => 'unavailable'));
    proxy.mode = 'pass';
    await expect
      .poll(() => faulty.get(before, { consistent: true }), { timeout: 20_000 })
      .toHaveProperty('kind', 'done');
  });
});

/** S3 answers a put with nothing but headers, so it cannot stall in between. */
const withoutBody = modes.filter(([mode]) => mode !== 'stall' && mode !== 'drip');
test.each(withoutBody)(
  'an object put that meets %s is indeterminate',
  async (mode, timeouts, served) => {
    const [, faulty] = await behind(timeouts);
    proxy.mode = mode;
    expect((await faulty.put(mode, new Uint8Array(100_000))).kind).toBe('indeterminate');
    const present = async (): Promise<boolean> => {
      const outcome = await objects.get(mode);
      return outcome.kind === 'done' && outcome.value !== undefined;
    };
    if (served) await expect.poll(present, { timeout: 20_000 }).toBe(true);
    else expect(await present()).toBe(false);
  },
);

describe('nothing was sent, so nothing happened', () => {
  const outcomes = async (endpoint: string): Promise<string[]> => {
    clients = clientsOf(endpoint, { ...account, timeouts: { ...long, connectMs: 400 } });
    const away = new DynamoTable(clients.dynamoDb, tableName);
    const awayObjects = new S3Objects(clients.s3, bucketName);
    const all = [
      await away.append(before, 1, bytesOf(1)),
      await awayObjects.put('never', bytesOf(1)),
      await away.get(before, { consistent: true }),
    ];
    return all.map(({ kind }) => kind);
  };
  const none = ['unavailable', 'unavailable', 'unavailable'];

  test('where the connection is refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    expect(await outcomes(`http://127.0.0.1:${port}`)).toEqual(none);
    // As from a name with several addresses, all of which refuse.
    expect(await outcomes(`http://localhost:${port}`)).toEqual(none);
  });

  test('where the name is not known', async () => {
    expect(await outcomes('http://nowhere.invalid')).toEqual(none);
  });

  test('where a connection does not come to stand in time', async () => {
    clients = clientsOf('http://nowhere.invalid', { ...account, timeouts: short });
    // A name server that never answers.
    const { options } = clients.sockets.httpAgent as unknown as { options: object };
    Object.assign(options, { lookup: () => undefined });
    const away = new DynamoTable(clients.dynamoDb, tableName);
    const outcome = await away.append(before, 1, bytesOf(1));
    expect(outcome.kind).toBe('unavailable');
  });
});
