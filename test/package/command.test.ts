import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { environment } from '../../package/installation.ts';
import { run } from '../house/run.ts';

const project = inject('project');
const bin = join(project, 'node_modules/.bin/tailrace');

const npx = (args: readonly string[]) =>
  run('npx', ['--offline', 'tailrace', ...args], { cwd: project, env: environment });

test('npx tailrace --version', async () => {
  const { code, output } = await npx(['--version']);
  expect(output).toContain(`tailrace 0.1.0 (node ${process.version})\n`);
  expect(code).toBe(0);
});

test('an older node is refused, in one line', async () => {
  const older =
    'data:text/javascript,const{versions}=process;Object.defineProperty(process,"versions",{value:{...versions,node:"22.9.0"}})';
  const args = ['--import', older, bin, '--version'];
  const { code, output } = await run(process.execPath, args, { cwd: project, env: environment });
  expect({ code, output }).toEqual({
    code: 1,
    output: 'tailrace: needs node 24 or later: version=22.9.0\n',
  });
});

test('tailrace serve is a log, which other commands and curl speak to', async () => {
  const data = mkdtempSync(join(project, 'served-'));
  const seen: string[] = [];
  let asked: Promise<void> | undefined;
  const ask = async (url: string): Promise<void> => {
    const on = ['--server', url];
    seen.push((await npx(['topic', 'create', 'rivers', ...on])).output);
    const file = ['-sS', `${url}/topics`];
    seen.push((await run('curl', file, { cwd: project })).output);
  };
  const { code, signal, output } = await run(bin, ['serve', '--port', '0', '--data', data], {
    cwd: project,
    env: environment,
    onOutput: (child, text) => {
      const url = /listening on (http:\S+)\n/.exec(text)?.[1];
      if (url === undefined) return;
      asked ??= ask(url).finally(() => child.kill('SIGTERM'));
    },
  });
  await asked;
  expect(seen.at(-1), output).toBe('["rivers"]');
  expect({ code, signal }).toEqual({ code: 0, signal: null });
});
