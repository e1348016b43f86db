import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../house/run.ts';

const root = resolve(import.meta.dirname, '../..');

// They move real data, and the machine may have other things to do.
const timeoutMs = 180_000;

test(
  'every example runs to its end',
  async () => {
    const failed: string[] = [];
    const files = globSync('examples/*.ts', { cwd: root });
    expect(files).not.toEqual([]);
    for (const file of files) {
      // One at a time: each may start a server, and a reader will run them so.
      const { code, output } = await run(process.execPath, [file], { cwd: root });
      if (code !== 0) failed.push(`${file} code=${code}\n${output}`);
    }
    expect(failed).toEqual([]);
  },
  timeoutMs,
);
