import { resolve } from 'node:path';
import { expect, inject, test } from 'vitest';
import { run } from '../../house/run.ts';

const root = resolve(import.meta.dirname, '../../..');

// Every 29th city: enough for every partition and for batches that go to S3.
test('the example on real data runs to its end', { timeout: 180_000 }, async () => {
  const server = inject('deployment')?.url ?? '';
  const args = ['examples/cities.ts', '--server', server, '--records', '6000'];
  const { code, output } = await run(process.execPath, args, { cwd: root });
  expect(output).toMatch(/^wrote 5900 records/m);
  expect(output).not.toContain('failed');
  expect(code).toBe(0);
});
