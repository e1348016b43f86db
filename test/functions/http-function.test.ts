import { describe, expect, test } from 'vitest';
import { httpFunction } from '../../functions/http-function.ts';
import { pauseMsMax } from '../../lib/core/log/requests.ts';
import type { Environment } from '../../lib/ports/environment.ts';
import type { GatewayEvent } from '../../lib/http/lambda-request.ts';
import { InvariantError } from '../../lib/std/assert.ts';
import { contextOf, httpEvent } from './events.ts';
import { append, Deployed, instead } from './setup.ts';
import { writtenLines } from './written-lines.ts';

const lines = writtenLines();

const failing =
  (error: Error) =>
  (env: Environment): Environment => ({
    ...env,
    table: instead(env.table, {
      get: async () => {
        throw error;
      },
    }),
  });

describe('what is written', () => {
  test('one line per call', async () => {
    const deployed = new Deployed();
    await deployed.createTopic('t');
    const produce = deployed.function('produce');
    lines.length = 0;
    const call = append('t', 'x');
    const answer = await deployed.ask(produce, {
      ...call,
      headers: { ...call.headers, 'x-request-id': 'mine' },
    });
    await deployed.ask(produce, { line: 'POST /topics/t', body: '{' });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      level: 'INFO',
      message: 'call',
      service: 'd',
      method: 'POST',
      path: '/topics/t/partitions/0',
      request_bytes: 27,
      status: 200,
      response_bytes: answer.body.length,
      request_id: 'mine',
      invocation_id: 'invocation-1',
      duration_ms: 0,
      cold_start: true,
    });
    expect(answer.headers?.['x-request-id']).toBe('mine');
    expect(lines[1]).toMatchObject({ level: 'INFO', status: 415, cold_start: false });
    expect(lines[1]).not.toHaveProperty('errors');
  });

  test.each([
    [new InvariantError('I4: start went back'), 'broken_invariants'],
    [new TypeError('x is not a function'), 'unforeseen_errors'],
  ])('what nobody foresaw is in the line, and counted: %s', async (error, metric) => {
    const deployed = new Deployed();
    const admin = deployed.function('admin', failing(error));
    const answer = await deployed.ask(admin, { line: 'GET /topics/t' });
    expect([answer.statusCode, JSON.parse(answer.body)]).toMatchObject([
      500,
      { error_code: 50_002 },
    ]);
    expect(answer.body).not.toContain(error.message);
    const id = answer.headers?.['x-request-id'];
    expect(answer.body).toContain(String(id));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      level: 'ERROR',
      status: 500,
      request_id: id,
      errors: [{ name: error.name, message: error.message, stack: expect.any(String) }],
    });
    expect(lines[1]).toMatchObject({ service: 'd', [metric]: 1 });
    await deployed.ask(deployed.function('admin'), { line: 'GET /topics/t' });
    expect(lines[2]).not.toHaveProperty('errors');
    expect(lines).toHaveLength(3);
  });

  test('a call that no gateway made fails, and says so', async () => {
    const deployed = new Deployed();
    const scheduled = { source: 'aws.events' } as unknown as GatewayEvent;
    const call = deployed.function('admin')(scheduled, contextOf());
    await expect(deployed.clock.run(call)).rejects.toThrow(/call this function through its API/);
    expect(lines[0]).toMatchObject({ level: 'ERROR', errors: [{ name: 'Error' }] });
    expect(lines[1]).toMatchObject({ unforeseen_errors: 1 });
  });
});

describe('what is served', () => {
  test('the routes of its group only', async () => {
    const deployed = new Deployed();
    await deployed.createTopic('t');
    for (const [group, call] of [
      ['fetch', append('t', 'x')],
      ['admin', append('t', 'x')],
      ['produce', { line: 'GET /topics/t/partitions/0/records?offset=0' }],
      ['produce', { line: 'DELETE /v3/clusters/c/topics/t' }],
    ] as const) {
      const answer = await deployed.ask(deployed.function(group), call);
      expect(answer.statusCode, call.line).toBe(404);
      expect(JSON.parse(answer.body)).toMatchObject({
        error_code: 404,
        message: expect.stringContaining(`group ${group}`),
      });
    }
    const read = { line: 'GET /topics/t/partitions/0/records?offset=0' };
    expect((await deployed.ask(deployed.function('fetch'), read)).body).toBe('[]');
  });

  test('links begin with the public URL', async () => {
    const deployed = new Deployed();
    const publicUrl = 'https://kafka.example.com/log';
    const admin = httpFunction('admin', { ...deployed.parts(), publicUrl });
    const event = httpEvent({ line: 'GET /log/' });
    const answer = await deployed.clock.run(admin(event, contextOf()));
    expect(JSON.parse(answer.body)).toMatchObject({ links: { topics: `${publicUrl}/topics` } });
  });
});

describe('time', () => {
  const wait = { line: 'GET /topics/t/partitions/0/records?offset=0&timeout=15000' };

  test('a fetch waits for a second at most', async () => {
    const deployed = new Deployed();
    await deployed.createTopic('t');
    const fetch = deployed.function('fetch');
    const before = deployed.clock.monotonic();
    expect(await deployed.ask(fetch, wait)).toMatchObject({ statusCode: 200, body: '[]' });
    expect(deployed.clock.monotonic() - before).toBe(1_000);
    // What comes within that time is answered at once.
    const waiting = deployed.ask(fetch, wait);
    await deployed.ask(deployed.function('produce'), append('t', 'here'));
    expect((await waiting).body).toContain('"here"');
    // Nobody is left waiting for what would have been the end of it.
    await deployed.clock.drain();
    expect(deployed.clock.monotonic() - before).toBeLessThan(2_000);
  });

  test.each([
    [25_000, 20_000],
    [12_000, 7_000],
    [6_000, 1_000],
    [3_000, 0],
  ])('with %i ms left, work has %i', async (leftMs, workMs) => {
    const deployed = new Deployed();
    await deployed.createTopic('t');
    const throttled = (env: Environment): Environment => ({
      ...env,
      table: instead(env.table, { put: () => Promise.resolve({ kind: 'throttled' }) }),
    });
    const before = deployed.clock.monotonic();
    const answer = await deployed.ask(
      deployed.function('produce', throttled),
      append('t', 'x'),
      leftMs,
    );
    expect(JSON.parse(answer.body)).toMatchObject({ offsets: [{ error_code: 50_003 }] });
    const tookMs = deployed.clock.monotonic() - before;
    expect(tookMs).toBeGreaterThanOrEqual(workMs);
    expect(tookMs).toBeLessThanOrEqual(workMs + pauseMsMax);
  });
});
