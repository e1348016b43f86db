// Members in processes of their own, over HTTP: one is killed, one stands still and wakes up.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../../lib/client/create-client.ts';
import type { Client } from '../../../lib/client/types.ts';
import { startLaptop } from '../../conformance/laptop.ts';
import type { TestServer } from '../../conformance/laptop.ts';

const workerPath = fileURLToPath(new URL('worker.ts', import.meta.url));
const topic = 'shared';
const partitions = 4;

interface Said {
  readonly what: 'assigned' | 'revoked' | 'lost' | 'record' | 'closed';
  readonly partitions?: readonly number[];
  readonly partition?: number;
  readonly offset?: number;
}

class Worker {
  readonly child: ChildProcess;
  readonly said: Said[] = [];
  readonly ended: Promise<unknown>;

  constructor(url: string, group: string) {
    const args = [workerPath, url, group, topic];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    this.ended = once(child, 'close');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.said.push(JSON.parse(line) as Said);
    });
  }

  count(what: Said['what']): number {
    return this.said.filter((one) => one.what === what).length;
  }
}

let server: TestServer;
let client: Client;
const workers: Worker[] = [];
beforeAll(async () => {
  server = await startLaptop();
  client = await createClient({ url: server.url });
  await client.admin.createTopic({ name: topic, partitions });
});
afterAll(async () => {
  for (const { child, ended } of workers) {
    child.kill('SIGKILL');
    await ended;
  }
  await client.close();
  await server.close();
});

function start(group: string): Worker {
  const worker = new Worker(server.url, group);
  workers.push(worker);
  return worker;
}

async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((resolve) => void setTimeout(resolve, 20));
}

let sent = 0;
async function send(each: number): Promise<void> {
  await using producer = client.producer();
  for (let i = 0; i < each * partitions; i += 1) {
    void producer.send({ topic, partition: i % partitions, value: `${i}` });
  }
  await producer.flush();
  sent += each;
}

/** By partition, the offsets that somebody was done with. */
function processed(): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  for (const { what, partition = 0, offset = 0 } of workers.flatMap(({ said }) => said)) {
    if (what !== 'record') continue;
    const own = found.get(partition) ?? new Set();
    found.set(partition, own.add(offset));
  }
  return found;
}

const isAllProcessed = (): boolean =>
  [...processed().values()].reduce((sum, { size }) => sum + size, 0) === sent * partitions;

test('who is killed, and who stands still, is replaced; nothing is skipped', async () => {
  const group = 'g';
  await send(50);
  const killed = start(group);
  const frozen = start(group);
  await until(() => killed.count('record') > 0 && frozen.count('record') > 0);
  killed.child.kill('SIGKILL');
  await killed.ended;
  frozen.child.kill('SIGSTOP');
  const heir = start(group);
  await send(50);
  await until(isAllProcessed);
  expect(frozen.count('lost')).toBe(0);
  frozen.child.kill('SIGCONT');
  await until(() => frozen.count('lost') > 0);
  // It comes back, and takes its share.
  const lostAt = frozen.said.findIndex(({ what }) => what === 'lost');
  await until(() => frozen.said.slice(lostAt).some(({ what }) => what === 'assigned'));
  await send(10);
  await until(isAllProcessed);
  for (const one of [frozen, heir]) {
    one.child.kill('SIGTERM');
    await one.ended;
    expect(one.said.at(-1)).toEqual({ what: 'closed' });
  }
  const committed = await client.admin.fetchOffsets(group);
  expect(committed.map((one) => Number(one.committed?.offset))).toEqual(
    Array.from({ length: partitions }, () => sent),
  );
  expect(await client.admin.describeGroup(group)).toMatchObject({ memberList: [] });
});
