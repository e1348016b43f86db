import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { awsEnvironment } from '../../lib/adapters/aws/environment.ts';
import type { AwsEnvironment } from '../../lib/adapters/aws/environment.ts';
import type { Broker, ProducedRecord } from '../../lib/broker/broker.ts';
import type { LogConfig } from '../../lib/core/log/config.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import { newAccount } from '../aws/account.ts';
import { readAll, record, tinyRing } from '../broker/setup.ts';
import { startEngine } from '../engine/memory-env.ts';
import { Seeded } from '../engine/seeded.ts';
import { intercept } from './aws-sdk.ts';
import { clientsOf, closeClients, createBucket, createTable } from './aws-world.ts';
import { range } from './items.ts';

const topic = 't';
const account = { credentials: { accessKeyId: newAccount(), secretAccessKey: 'secret' } };
// Of a machine that is busy with something else a lost request cannot be told from a late one.
const timeouts = { connectMs: 10_000, tableMs: 10_000, objectMs: 10_000 };

interface Process {
  readonly broker: Broker;
  readonly engine: Engine;
  readonly errors: readonly unknown[];
}

let names: { readonly tableName: string; readonly bucketName: string };
let opened: AwsEnvironment[] = [];
beforeEach(async () => {
  const clients = clientsOf(inject('emulator'), account);
  names = {
    tableName: await createTable(clients.dynamoDb),
    bucketName: await createBucket(clients.s3),
  };
  closeClients(clients);
});
afterEach(() => {
  for (const { close } of opened) close();
  opened = [];
});

/** A process of its own: sockets, caches and names. With a seed, some of its writes go wrong. */
function start(config?: LogConfig, seed?: number): Process {
  const clients = clientsOf(inject('emulator'), { ...account, timeouts });
  if (seed !== undefined) {
    const random = new Seeded(seed);
    intercept(clients, async ({ command }, send) => {
      if (!/^(?:Put|Update|Transact)/.test(command) || !random.chance(0.2)) return send();
      if (random.chance(0.5)) await send();
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    });
  }
  const aws = awsEnvironment(names, clients);
  opened.push(aws);
  return startEngine(aws.environment, config);
}

const valuesOf = async ({ broker }: Process): Promise<string[]> => {
  const records = await readAll(broker, topic);
  return records.map(({ value }) => Buffer.from(value ?? []).toString());
};

test('200 concurrent produces of two processes are there once each, to a third', async () => {
  const [even, odd, reader] = [start(), start(), start()] as const;
  await even.broker.createTopic({ name: topic });
  // One in twenty is too large to be carried in a command, and becomes an object.
  const values = range(200).map((n) =>
    n % 20 === 0 ? `${n}:${randomBytes(10_000).toString('hex')}` : `${n}:small`,
  );
  const results = await Promise.all(
    values.map((value, n) =>
      (n % 2 === 0 ? even : odd).broker.produce({ topic, records: [record(value)] }),
    ),
  );
  const told = new Map<bigint, string | undefined>();
  for (const [n, result] of results.entries()) {
    expect(result).toMatchObject([{ ok: true }]);
    if (result[0]?.ok === true) told.set(result[0].offset, values[n]);
  }
  const found = await valuesOf(reader);
  expect(found.toSorted()).toEqual(values.toSorted());
  expect(found).toEqual(range(200).map((n) => told.get(BigInt(n))));
  for (const { engine, errors } of [even, odd, reader]) {
    await engine.settled();
    expect(errors).toEqual([]);
  }
});

test('lost requests and lost replies of a fifth of all writes lose and double nothing', async () => {
  const writers = [start(tinyRing, 1), start(tinyRing, 2)];
  const reader = start(tinyRing);
  await reader.broker.createTopic({ name: topic });
  const told: { readonly value: string; readonly result: ProducedRecord | undefined }[] = [];
  const produce = async ({ broker }: Process, name: string): Promise<void> => {
    for (const n of range(30)) {
      const value = `${name}${n}:${n % 10 === 0 ? 'x'.repeat(10_000) : ''}`;
      const [result] = await broker.produce({ topic, records: [record(value)] });
      told.push({ value, result });
    }
  };
  await Promise.all(writers.map((writer, n) => produce(writer, `${n}-`)));
  for (const { engine } of writers) await engine.settled();

  const found = await valuesOf(reader);
  expect(new Set(found).size).toBe(found.length);
  const acknowledged = told.filter(({ result }) => result?.ok === true);
  expect(acknowledged.length).toBeGreaterThan(50);
  for (const { value, result } of told) {
    if (result?.ok === true) expect(found[Number(result.offset)]).toBe(value);
    else if (result?.unknown === undefined) expect(found).not.toContain(value);
  }
});
