import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import * as z from 'zod';
import { api, offsetsOf } from '../../conformance/api.ts';
import { deploy } from '../deploy.ts';
import { nextRelease } from './release.ts';

const door = api();

let release = '';
beforeEach(() => {
  release = mkdtempSync(join(tmpdir(), 'tailrace-release-'));
});
afterEach(() => rmSync(release, { recursive: true }));

const functionsSchema = z.object({
  Functions: z.array(z.object({ FunctionName: z.string(), CodeSha256: z.string() })),
});

/** SHA-256 of the code of each function, by name. */
async function codes(emulator: string): Promise<ReadonlyMap<string, string>> {
  const response = await fetch(`${emulator}/2015-03-31/functions/`);
  const { Functions } = functionsSchema.parse(await response.json());
  return new Map(Functions.map((each) => [each.FunctionName, each.CodeSha256]));
}

test('a release deployed over another one keeps every record, and goes on after them', async () => {
  const emulator = inject('emulator');
  const deployment = inject('deployment');
  if (deployment === undefined) throw new Error('expected a deployment');
  const topic = await door.topic(2, { 'retention.ms': '86400000' });
  // The second is too large for the table: its bytes lie in the bucket.
  const values = [['small'], ['x'.repeat(300_000)], ['a', 'b', 'c']];
  for (const each of values) {
    offsetsOf(
      await door.produce(
        `${topic}/partitions/0`,
        each.map((value) => ({ value })),
      ),
    );
  }
  const keyed = () =>
    door.produce(`${topic}/partitions/1`, [{ value: 'once' }], {}, { 'idempotency-key': topic });
  const first = offsetsOf(await keyed());
  const path = `GET ${door.cluster}/topics/${topic}/configs/retention.ms`;
  const config = await door.ask(path);
  const before = await codes(emulator);

  nextRelease(inject('assembly'), release);
  expect(await deploy(emulator, release, deployment.kind)).toEqual(deployment);

  const after = await codes(emulator);
  expect([...after.keys()]).toEqual([...before.keys()]);
  const changed = [...after].filter(([name, code]) => code !== before.get(name));
  expect(changed.length).toBeGreaterThanOrEqual(4);
  expect((await door.ask(path)).json).toEqual(config.json);
  expect(await door.values(topic)).toEqual(values.flat());
  expect(await door.values(topic, 1)).toEqual(['once']);
  expect(offsetsOf(await keyed())).toEqual(first);
  const next = await door.produce(`${topic}/partitions/0`, [{ value: 'after' }]);
  expect(offsetsOf(next)).toEqual([{ partition: 0, offset: 5 }]);
  expect(await door.values(topic)).toEqual([...values.flat(), 'after']);
});
