import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { installRuntimeClient } from './install.ts';
import type { FunctionCode, Sandbox } from './sandbox.ts';
import { FunctionService } from './service.ts';

const services: FunctionService[] = [];
afterEach(async () => {
  await Promise.all(services.splice(0).map((each) => each.close()));
});

async function probe(options: Partial<FunctionCode> = {}): Promise<FunctionService> {
  const code: FunctionCode = {
    name: 'probe',
    taskRoot: join(import.meta.dirname, 'fixtures'),
    handler: 'probe.handler',
    environment: { COLOUR: 'green' },
    memoryMb: 256,
    timeoutMs: 20_000,
    concurrency: 1,
    ...options,
  };
  const service = new FunctionService(await installRuntimeClient(), code);
  services.push(service);
  return service;
}

/** The kernel's letter for a process: T is stopped, Z has ended. Nothing where there is none. */
function stateOf({ pid }: { readonly pid: number }): string {
  const file = `/proc/${pid}/status`;
  return existsSync(file) ? (/^State:\s+(\w)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '') : '';
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });
const isStopped = (sandbox: Sandbox) => eventually(() => expect(stateOf(sandbox)).toBe('T'));
const isRunning = (sandbox: Sandbox) => eventually(() => expect(stateOf(sandbox)).not.toBe('T'));
async function isBusy({ sandboxes }: FunctionService): Promise<Sandbox> {
  await eventually(() => expect(sandboxes[0]?.isBusy).toBe(true));
  return sandboxes[0] as Sandbox;
}

const isFree = (sandbox: Sandbox) => eventually(() => expect(sandbox.isFree).toBe(true));

describe.skipIf(process.platform !== 'linux')('a sandbox', () => {
  test('answers calls one after the other, and is frozen between them', async () => {
    const service = await probe();
    const first = await service.invoke({ hue: 1 }, 'one');
    expect(first).toMatchObject({ outcome: 'answered', payload: { calls: 1, requestId: 'one' } });
    const [sandbox] = service.sandboxes as [Sandbox];
    await isStopped(sandbox);
    await isFree(sandbox);
    const second = await service.invoke({ hue: 2 }, 'two');
    const payload = { calls: 2, requestId: 'two', pid: sandbox.pid, hue: 2 };
    expect(second).toMatchObject({ outcome: 'answered', payload });
    expect(service.sandboxes).toHaveLength(1);
    await isStopped(sandbox);
  });

  test('has Lambda’s environment and its own, and nothing of ours', async () => {
    const service = await probe();
    const ended = await service.invoke({});
    expect(ended).toMatchObject({ outcome: 'answered' });
    const { environment } = (ended as { payload: { environment: string[] } }).payload;
    expect(environment).toEqual(expect.arrayContaining(['COLOUR', 'AWS_LAMBDA_RUNTIME_API']));
    expect(environment.filter((name) => /^(npm_|VITEST|HOME)/.test(name))).toEqual([]);
  });

  test('tells the time that is left', async () => {
    const service = await probe({ timeoutMs: 20_000 });
    const ended = await service.invoke({});
    const { remainingMs } = (ended as { payload: { remainingMs: number } }).payload;
    expect(remainingMs).toBeLessThanOrEqual(20_000);
    expect(remainingMs).toBeGreaterThan(0);
  });

  test('tells an error, and takes the next call', async () => {
    const service = await probe();
    const failed = { outcome: 'failed', errorType: 'RangeError', errorMessage: 'no' };
    expect(await service.invoke({ fail: 'no' })).toMatchObject(failed);
    const [sandbox] = service.sandboxes as [Sandbox];
    await isFree(sandbox);
    expect(await service.invoke({})).toMatchObject({ outcome: 'answered', payload: { calls: 2 } });
  });

  test('that cannot start is an error of the call', async () => {
    const service = await probe({ handler: 'broken.handler' });
    const errorMessage = expect.stringContaining('no start');
    expect(await service.invoke({})).toMatchObject({ outcome: 'failed', errorMessage });
    expect(service.sandboxes).toEqual([]);
  });

  test('answers at most 6 MB', async () => {
    const service = await probe();
    expect(await service.invoke({ answerBytes: 6 * 2 ** 20 })).toMatchObject({
      outcome: 'answered',
    });
    await isFree(service.sandboxes[0] as Sandbox);
    expect(await service.invoke({ answerBytes: 6 * 2 ** 20 + 100 })).toMatchObject({
      outcome: 'failed',
      errorType: 'Function.ResponseSizeTooLarge',
    });
  });

  test.each([
    ['waits', { sleepMs: 60_000 }],
    ['computes', { spin: 1 }],
  ])('that %s too long is ended', async (_what, event) => {
    const service = await probe({ timeoutMs: 1_000 });
    expect(await service.invoke(event)).toEqual({ outcome: 'timed out' });
    const [sandbox] = service.sandboxes as [Sandbox];
    await eventually(() => expect(sandbox.isLost).toBe(true));
    expect(await service.invoke({})).toMatchObject({ outcome: 'answered', payload: { calls: 1 } });
    expect(service.sandboxes).toHaveLength(2);
  });

  test.each([
    ['is killed', (sandbox: Sandbox) => sandbox.kill(), {}],
    ['ends itself', () => undefined, { exit: 3 }],
  ])('that %s in a call is lost', async (_what, act, event) => {
    const service = await probe();
    const call = service.invoke({ sleepMs: 1_000, ...event });
    const sandbox = await isBusy(service);
    act(sandbox);
    expect(await call).toEqual({ outcome: 'lost' });
    expect(await service.invoke({})).toMatchObject({ outcome: 'answered', payload: { calls: 1 } });
  });

  test('that is held in a call is given up; thawed, it goes on, is not heard, and takes calls', async () => {
    const service = await probe({ timeoutMs: 3_000 });
    const call = service.invoke({ sleepMs: 500 }, 'same');
    const sandbox = await isBusy(service);
    sandbox.hold();
    await isStopped(sandbox);
    expect(await call).toEqual({ outcome: 'timed out' });
    // The same call again, elsewhere.
    expect(await service.invoke({ sleepMs: 1 }, 'same')).toMatchObject({
      outcome: 'answered',
      payload: { calls: 1, requestId: 'same' },
    });
    expect(service.sandboxes).toHaveLength(2);
    expect(sandbox.lateAnswers).toBe(0);
    sandbox.release();
    await isFree(sandbox);
    expect(sandbox.lateAnswers).toBe(1);
    await isStopped(sandbox);
    const ended = await sandbox.invoke('next', {});
    expect(ended).toMatchObject({ outcome: 'answered', payload: { calls: 2 } });
  });

  test('with several calls at a time takes them in one process, and is not frozen', async () => {
    const service = await probe({ concurrency: 4, timeoutMs: 4_000 });
    expect(await service.invoke({})).toMatchObject({ outcome: 'answered' });
    const [sandbox] = service.sandboxes as [Sandbox];
    // None of them ends before all four are in the handler.
    const ended = await Promise.all([1, 2, 3, 4].map(() => service.invoke({ meet: 4 })));
    expect(ended.map(({ outcome }) => outcome)).toEqual(Array(4).fill('answered'));
    expect(service.sandboxes).toHaveLength(1);
    await isRunning(sandbox);
    // A call that takes too long ends nobody else's.
    expect(await service.invoke({ sleepMs: 20_000 })).toEqual({ outcome: 'timed out' });
    expect(sandbox.isLost).toBe(false);
  });

  test('leaves nothing behind', async () => {
    const service = await probe();
    await service.invoke({});
    const [sandbox] = service.sandboxes as [Sandbox];
    await isStopped(sandbox);
    const { pid } = sandbox;
    await service.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('ends with whoever started it, however that ends', async () => {
    const program = fileURLToPath(new URL('./fixtures/parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    await eventually(() => expect(stateOf({ pid })).toBe('T'));
    parent.kill('SIGKILL');
    // Ended; whether somebody has taken notice of that is another matter.
    await eventually(() => expect(stateOf({ pid })).toMatch(/^Z?$/));
  });
});
