import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { awsEnvironment } from '../../lib/adapters/aws/environment.ts';
import type { AwsEnvironment, AwsOptions } from '../../lib/adapters/aws/environment.ts';

/** A service that tells its time, and with each answer, on how many connections it was asked. */
let date: string | undefined;
let answer: { readonly status: number; readonly body: object } = { status: 200, body: {} };
let connections = 0;
const paths: string[] = [];
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    paths.push(request.url ?? '');
    response.sendDate = false;
    if (date !== undefined) response.setHeader('date', date);
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answer.body));
  });
});
server.on('connection', () => {
  connections += 1;
});
// It would close connections after 5 s by itself.
server.keepAliveTimeout = 0;

let url = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

let opened: AwsEnvironment | undefined;
function open(options: Partial<AwsOptions> = {}): AwsEnvironment {
  opened = awsEnvironment({
    tableName: 't',
    bucketName: 'b',
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    ...options,
  });
  return opened;
}
afterEach(() => {
  opened?.close();
  opened = undefined;
  date = undefined;
  answer = { status: 200, body: {} };
  connections = 0;
  paths.length = 0;
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const key = { pk: 'p', sk: 's' };
const ask = async ({ environment }: AwsEnvironment): Promise<string> =>
  (await environment.table.get(key, { consistent: true })).kind;

const noon = Date.parse('2026-11-21T12:00:00.500Z');
/** The wall clock stands where a test puts it; timers go on. */
const setClock = (ms: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: ms });
};

describe('the time that services tell', () => {
  test('is taken where it is earlier than the local one, and only the newest of it', async () => {
    setClock(noon);
    const aws = open();
    const { clock } = aws.environment;
    expect(clock.serviceNow()).toBe(noon);
    const heard = async (told: string): Promise<number> => {
      date = told;
      await ask(aws);
      return clock.serviceNow();
    };
    expect(await heard('Sat, 21 Nov 2026 11:59:58 GMT')).toBe(noon - 2_500);
    expect(await heard('Sat, 21 Nov 2026 11:59:57 GMT')).toBe(noon - 2_500);
    expect(await heard('Sat, 21 Nov 2026 11:59:59 GMT')).toBe(noon - 1_500);
    expect(await heard('yesterday')).toBe(noon - 1_500);
    expect(await heard('Sat, 21 Nov 2026 12:00:59 GMT')).toBe(noon);
    expect(clock.now()).toBe(noon);
  });

  test('is told by refusals, too, and by the objects', async () => {
    setClock(noon);
    const aws = open();
    date = 'Sat, 21 Nov 2026 11:59:58 GMT';
    answer = { status: 500, body: {} };
    expect(await ask(aws)).toBe('unavailable');
    expect(aws.environment.clock.serviceNow()).toBe(noon - 2_500);
    date = 'Sat, 21 Nov 2026 11:59:59 GMT';
    expect((await aws.environment.objects.get('k')).kind).toBe('unavailable');
    expect(aws.environment.clock.serviceNow()).toBe(noon - 1_500);
  });

  test('is forgotten with the invocation', async () => {
    setClock(noon);
    const aws = open();
    date = 'Sat, 21 Nov 2026 11:59:58 GMT';
    await ask(aws);
    setClock(noon + 600_000);
    expect(aws.environment.clock.serviceNow()).toBe(noon - 2_500);
    aws.refresh();
    expect(aws.environment.clock.serviceNow()).toBe(noon + 600_000);
  });
});

describe('a connection', () => {
  test('is used again, but not after a pause, however the clock shows it', async () => {
    setClock(noon);
    const aws = open();
    const after = async (ms: number): Promise<number> => {
      setClock(Date.now() + ms);
      expect(await ask(aws)).toBe('done');
      return connections;
    };
    expect(await after(0)).toBe(1);
    expect(await after(0)).toBe(1);
    expect(await after(4_000)).toBe(1);
    expect(await after(6_000)).toBe(2);
    expect(await after(0)).toBe(2);
    expect(await after(-60_000)).toBe(3);
  });

  test('is closed with the environment', async () => {
    const aws = open();
    await ask(aws);
    aws.close();
    const count = promisify(server.getConnections.bind(server));
    await expect.poll(() => count()).toBe(0);
  });
});

describe('what is missing', () => {
  test('credentials: nothing was sent, and the cause says so', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    const { environment, close } = awsEnvironment({
      tableName: 't',
      bucketName: 'b',
      region: 'us-east-1',
      endpoint: url,
    });
    const outcomes = [
      await environment.table.append(key, 1, Uint8Array.of(1)),
      await environment.objects.put('k', Uint8Array.of(1)),
    ];
    close();
    for (const outcome of outcomes) {
      expect(outcome.kind).toBe('unavailable');
      expect(outcome).toHaveProperty('cause', expect.stringMatching(/^no credentials: give /));
    }
    expect(paths).toEqual([]);
  });

  test('a region: nothing was sent', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_DEFAULT_REGION', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    const { environment, close } = awsEnvironment({ tableName: 't', bucketName: 'b' });
    const outcome = await environment.table.append(key, 1, Uint8Array.of(1));
    close();
    expect(outcome.kind).toBe('unavailable');
    expect(outcome).toHaveProperty('cause', expect.stringMatching(/region is missing/i));
  });
});

test('AWS_ENDPOINT_URL leads to an emulator, which has no host name per bucket', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', url);
  const { environment, close } = awsEnvironment({
    tableName: 't',
    bucketName: 'b',
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  });
  await environment.table.get(key, { consistent: true });
  await environment.objects.get('k');
  close();
  expect(paths).toEqual(['/', '/b/k?x-id=GetObject']);
});

describe('a table that is replicated', () => {
  const replicas = [{ RegionName: 'eu-west-1' }, { RegionName: 'us-west-2' }];
  test.each([
    ['is of one region', {}, undefined],
    ['is of one region', { Replicas: [] }, undefined],
    ['is strongly consistent', { Replicas: replicas, MultiRegionConsistency: 'STRONG' }, undefined],
    ['is not', { Replicas: replicas, MultiRegionConsistency: 'EVENTUAL' }, 'EVENTUAL'],
    ['does not say', { Replicas: replicas }, 'EVENTUAL'],
  ])('%s: %j', async (_, described, refused) => {
    answer = { status: 200, body: { Table: { TableName: 't', ...described } } };
    const checking = open().checkTable();
    if (refused === undefined) {
      await expect(checking).resolves.toBeUndefined();
    } else {
      await expect(checking).rejects.toThrow(
        'cannot use the table: expected a table of one region, or one with multi-region strong ' +
          'consistency, but it is replicated to eu-west-1, us-west-2 with consistency EVENTUAL, ' +
          'where the last writer wins; remove the replicas, or deploy with a new table: table=t',
      );
    }
    expect(paths).toHaveLength(1);
  });

  test('cannot be told from one that may not be described: the error is passed on', async () => {
    answer = { status: 400, body: { __type: 'x#AccessDeniedException', message: 'no' } };
    await expect(open().checkTable()).rejects.toThrow('no');
  });
});
