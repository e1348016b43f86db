import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../house/run.ts';

const root = resolve(import.meta.dirname, '../..');

test('every example runs to its end', async () => {
  const failed: string[] = [];
  for (const file of globSync('examples/*.ts', { cwd: root })) {
    // One at a time: each may start a server, and a reader will run them so.
    const { code, output } = await run(process.execPath, [file], { cwd: root });
    if (code !== 0) failed.push(`${file} code=${code}\n${output}`);
  }
  expect(failed).toEqual([]);
});
