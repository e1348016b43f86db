import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from './run.ts';

const root = resolve(import.meta.dirname, '../..');
const versionLine = /^tailrace \d+\.\d+\.\d+ \(node v24\.\d+\.\d+\)$/m;

let scratch = '';
beforeAll(() => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'tailrace-node-')));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** What a user's shell has: no folder of ours on the PATH, nothing from the npm that runs the tests. */
function userEnvironment(): NodeJS.ProcessEnv {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE_|VITEST)/i.test(name));
  return {
    ...Object.fromEntries(own),
    PATH: folders.filter((folder) => !folder.includes('node_modules')).join(delimiter),
    npm_config_cache: join(scratch, 'npm'),
    npm_config_offline: 'true',
  };
}

test('the tests run on node 24', () => {
  expect(process.version).toMatch(/^v24\./);
});

describe('tailrace runs on node 24 whatever the machine has', () => {
  test('by npx in the checkout', async () => {
    const options = { cwd: root, env: userEnvironment() };
    const { code, output } = await run('npx', ['--no-install', 'tailrace', '--version'], options);
    expect(output).toMatch(versionLine);
    expect(code).toBe(0);
  });

  test.each([
    ['as a program', join(root, 'bin/tailrace.js'), []],
    ['by the node of the machine', 'node', [join(root, 'bin/tailrace.js')]],
  ])('%s, from any folder', async (_how, file, args) => {
    const options = { cwd: scratch, env: userEnvironment() };
    const { code, output } = await run(file, [...args, '--version'], options);
    expect(output).toMatch(versionLine);
    expect(code).toBe(0);
  });
});

describe('the shim passes on how the command ended', () => {
  const MAIN = `
    process.on('SIGTERM', () => process.exit(7));
    if (process.argv[2] === 'die') process.kill(process.pid, 'SIGKILL');
    if (process.argv[2] === 'exit') process.exit(3);
    setInterval(() => undefined, 1000);
    console.log('waiting', process.pid);
  `;

  beforeAll(() => {
    for (const folder of ['shim/bin', 'shim/lib/cli']) {
      mkdirSync(join(scratch, folder), { recursive: true });
    }
    for (const file of ['bin/tailrace.js', 'package.json']) {
      cpSync(join(root, file), join(scratch, 'shim', file));
    }
    symlinkSync(join(root, 'node_modules'), join(scratch, 'shim/node_modules'));
    writeFileSync(join(scratch, 'shim/lib/cli/main.ts'), MAIN);
  });

  const shim = (args: readonly string[], onWaiting?: NodeJS.Signals) => {
    let sent = false;
    return run('node', [join(scratch, 'shim/bin/tailrace.js'), ...args], {
      cwd: scratch,
      env: userEnvironment(),
      onOutput: (child, text) => {
        if (onWaiting === undefined || sent || !text.includes('waiting')) return;
        sent = child.kill(onWaiting);
      },
    });
  };

  test('the exit code', async () => {
    expect(await shim(['exit'])).toMatchObject({ code: 3, signal: null });
  });

  test('the signal that ended it', async () => {
    expect(await shim(['die'])).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('a signal to the shim reaches the command, which decides', async () => {
    expect(await shim(['wait'], 'SIGTERM')).toMatchObject({ code: 7, signal: null });
    expect(await shim(['wait'], 'SIGINT')).toMatchObject({ code: null, signal: 'SIGINT' });
  });
});
