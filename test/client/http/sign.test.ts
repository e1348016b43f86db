import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../../lib/adapters/system/clock.ts';
import { signerFor } from '../../../lib/client/http/sign.ts';
import type { SignOptions } from '../../../lib/client/http/sign.ts';
import { httpServer } from './servers.ts';
import { append, ended, plain, read, transportTo } from './transports.ts';
import { parseAuthorization, signatureOf, timeOf } from './verify.ts';

const region = 'eu-central-1';
const accessKeyId = 'AKIDEXAMPLE';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const sign = { region, credentials: { accessKeyId, secretAccessKey } } satisfies SignOptions;
const empty = new Uint8Array();

interface Seen {
  readonly target: string;
  readonly scope: string;
  readonly names: string;
  readonly token: string | undefined;
}

interface Gate {
  /** ms that this server's clock is ahead. */
  aheadMs?: number;
  /** HTTP APIs do not say what was wrong. */
  silent?: boolean;
  secret?: string;
}

/** Lets in what is signed rightly and in time, as services do, and answers it. */
async function gated(gate: Gate = {}) {
  const seen: Seen[] = [];
  const refused: string[] = [];
  const server = await httpServer((request, response, body) => {
    const now = Date.now() + (gate.aheadMs ?? 0);
    response.setHeader('date', new Date(now).toUTCString());
    response.setHeader('content-type', 'application/json');
    const refuse = (why: string) => {
      refused.push(why);
      response
        .writeHead(403)
        .end(JSON.stringify({ message: gate.silent === true ? 'Forbidden' : why }));
    };
    const { method = '', url: target = '' } = request;
    const headers = request.headers as Record<string, string>;
    const given = parseAuthorization(headers['authorization']);
    if (given === undefined) return refuse('Missing Authentication Token');
    const { scope, names, signature } = given;
    const secret = gate.secret ?? secretAccessKey;
    const expected = signatureOf({ method, target, headers, body }, { secret, scope, names });
    if (signature !== expected) return refuse('The request signature we calculated does not match');
    const at = timeOf(headers['x-amz-date'] ?? '');
    if (at < now - 300_000) return refuse(`Signature expired: ${at} is now earlier than ${now}`);
    if (at > now + 300_000)
      return refuse(`Signature not yet current: ${at} is still later than ${now}`);
    seen.push({ target, scope, names, token: headers['x-amz-security-token'] });
    response.setHeader('x-request-id', '1');
    response.end(
      method === 'POST'
        ? '{"offsets":[{"partition":0,"offset":3,"count":1,"timestamp":5}]}'
        : '{"offset":1,"timestamp":2,"data":[{"cluster_id":"a+b/c="}]}',
    );
  });
  return { server, seen, refused };
}

const clockAhead = (aheadMs: number) => {
  const clock = systemClock();
  return { ...clock, now: () => clock.now() + aheadMs };
};

test("the check itself finds the signature of AWS's own example", () => {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    host: 'iam.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
  };
  const request = { method: 'GET', target: '/?Action=ListUsers&Version=2010-05-08', headers };
  const parts = {
    secret: secretAccessKey,
    scope: '20150830/us-east-1/iam/aws4_request',
    names: 'content-type;host;x-amz-date',
  };
  expect(signatureOf({ ...request, body: empty }, parts)).toBe(
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

describe('signed requests', () => {
  test('are let in: bodies, queries, paths with more in them than letters', async () => {
    const { server, seen, refused } = await gated();
    const transport = transportTo(`${server.url}/v1`, { sign });
    expect(await append(transport)).toMatchObject({ baseOffset: 3n });
    await append(transport, Buffer.concat([plain, plain]));
    await transport.listOffset({ topic: 'a.b_c-D', partition: 0, at: 5n });
    // The cluster's id is encoded in the path, and the path has a colon.
    await transport.alterConfigs('t', [{ name: 'retention.ms', op: 'SET', value: 'é' }]);
    expect(refused).toEqual([]);
    expect(seen.map(({ target }) => target)).toEqual([
      '/v1/topics/t/partitions/0',
      '/v1/topics/t/partitions/0',
      '/v1/topics/a.b_c-D/partitions/0/offsets?timestamp=5',
      '/v1/v3/clusters',
      '/v1/v3/clusters/a%2Bb%2Fc%3D/topics/t/configs:alter',
    ]);
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    expect(seen[0]).toMatchObject({
      scope: `${day}/${region}/execute-api/aws4_request`,
      names: 'content-type;host;x-amz-content-sha256;x-amz-date',
    });
  });

  test('are not let in with another secret: it says that they were signed', async () => {
    const { server } = await gated({ secret: 'another' });
    const [name, message] = await ended(append(transportTo(server.url, { sign })));
    expect(name).toBe('CLUSTER_AUTHORIZATION_FAILED');
    expect(message).toMatch(/does not match.*let these credentials invoke the API/);
  });

  test('carry the token of temporary credentials, which are asked for anew in time', async () => {
    const { server, seen } = await gated();
    let asked = 0;
    const base = Date.now();
    let aheadMs = 0;
    const credentials = () => {
      asked += 1;
      const expiration = new Date(base + asked * 3_600_000);
      return Promise.resolve({
        accessKeyId,
        secretAccessKey,
        sessionToken: `token ${asked}`,
        expiration,
      });
    };
    const clock = { ...systemClock(), now: () => base + aheadMs };
    const transport = transportTo(server.url, { sign: { ...sign, credentials } }, clock);
    await append(transport);
    await append(transport);
    aheadMs = 3_600_000 - 299_000;
    await ended(append(transport));
    expect(seen.slice(0, 2).map(({ token }) => token)).toEqual(['token 1', 'token 1']);
    expect(seen[0]?.names).toContain('x-amz-security-token');
    expect(asked).toBe(2);
  });

  test("by default with the SDK's chain", async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', undefined);
    vi.stubEnv('AWS_REGION', 'sa-east-1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { server, seen } = await gated();
    await append(transportTo(server.url, { sign: true }));
    expect(seen[0]?.scope).toMatch(/\/sa-east-1\/execute-api\//);
  });

  test('without credentials nothing is sent, and it says what to do', async () => {
    const { server } = await gated();
    const credentials = () => Promise.reject(new Error('the token is gone'));
    const transport = transportTo(server.url, { sign: { ...sign, credentials } });
    const [name, message] = await ended(append(transport));
    expect(name).toBe('SASL_AUTHENTICATION_FAILED');
    expect(message).toMatch(/the token is gone; give `sign: \{ credentials \}`.*`sign: false`/);
    expect(server.connections()).toBe(0);
  });
});

describe('a clock that is wrong', () => {
  test.each([
    ['slow', -3_600_000, false],
    ['fast', 3_600_000, false],
    ['slow, and nobody says so', -3_600_000, true],
    ['fast, and nobody says so', 3_600_000, true],
  ])('%s: one request is repeated, and no other', async (_name, aheadMs, silent) => {
    const { server, seen, refused } = await gated({ silent });
    const transport = transportTo(server.url, { sign }, clockAhead(aheadMs));
    await append(transport);
    await append(transport);
    expect(refused).toHaveLength(1);
    expect(seen).toHaveLength(2);
  });

  test("the server's: corrected again when it is put right", async () => {
    const gate: Gate = { aheadMs: 900_000 };
    const { server, seen, refused } = await gated(gate);
    const transport = transportTo(server.url, { sign });
    await append(transport);
    gate.aheadMs = 0;
    await append(transport);
    expect([seen.length, refused.length]).toEqual([2, 2]);
  });

  test('a refusal for another reason is not repeated', async () => {
    const { server, refused } = await gated({ secret: 'another', silent: true });
    const transport = transportTo(server.url, { sign });
    expect((await ended(read(transport)))[0]).toBe('CLUSTER_AUTHORIZATION_FAILED');
    expect(refused).toHaveLength(1);
  });

  test('is repeated once, even if that does not help', async () => {
    const { server, refused } = await gated({ secret: 'another' });
    const transport = transportTo(server.url, { sign }, clockAhead(3_600_000));
    expect((await ended(append(transport)))[0]).toBe('CLUSTER_AUTHORIZATION_FAILED');
    expect(refused).toHaveLength(2);
  });
});

describe('what is signed, and for whom', () => {
  const signs = (url: string, given?: boolean | SignOptions) =>
    signerFor(new URL(url), given, systemClock()) !== undefined;

  test('URLs of AWS by themselves, others where asked for', () => {
    for (const url of [
      'https://a1.execute-api.us-east-1.amazonaws.com/v1',
      'https://a1-vpce-0f.execute-api.eu-west-1.vpce.amazonaws.com',
      'https://a1.execute-api.cn-north-1.amazonaws.com.cn',
      'https://abc.lambda-url.us-west-2.on.aws/',
    ]) {
      expect(signs(url), url).toBe(true);
      expect(signs(url, false), url).toBe(false);
    }
    for (const url of [
      'http://127.0.0.1:8082',
      'https://log.example.com',
      'https://execute-api.us-east-1.amazonaws.com.example.com',
      'https://s3.us-east-1.amazonaws.com',
    ]) {
      expect(signs(url), url).toBe(false);
      expect(signs(url, sign), url).toBe(true);
    }
  });

  test.each([
    ['https://a1.execute-api.us-east-2.amazonaws.com', {}, 'us-east-2/execute-api'],
    ['https://abc.lambda-url.us-west-2.on.aws', {}, 'us-west-2/lambda'],
    ['https://log.example.com', { region }, `${region}/execute-api`],
    ['https://log.example.com', { region, service: 'lambda' }, `${region}/lambda`],
    ['https://abc.lambda-url.us-west-2.on.aws', { region }, `${region}/lambda`],
  ])('%s %o', async (url, options, scope) => {
    const signer = signerFor(
      new URL(url),
      { credentials: sign.credentials, ...options },
      systemClock(),
    );
    const question = { method: 'GET', target: '/topics', headers: {}, withinMs: 1 } as const;
    const signed = await signer?.sign(question);
    expect(signed?.headers['authorization']).toContain(`/${scope}/aws4_request,`);
    expect(signed?.headers['host']).toBe(new URL(url).host);
  });

  test('a region must be known', () => {
    vi.stubEnv('AWS_REGION', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(() => signs('https://log.example.com', true)).toThrow(/sign: \{ region \}.*AWS_REGION/);
  });
});
