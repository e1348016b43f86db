import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { run } from './run.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('.ci/run', () => {
  test('is a program', () => {
    expect(statSync(join(root, '.ci/run')).mode & 0o111).toBe(0o111);
  });

  test('ends with the very command line of the README', () => {
    const command = read('.ci/run').trimEnd().split('\n').at(-1);
    expect(command).toBe('npm ci && npm run test:all');
    expect(read('README.md').split('\n')).toContain(command);
  });
});

const locked = z.object({
  integrity: z.string().optional(),
  /** Part of the archive of the package around it, and so of that package's hash. */
  inBundle: z.boolean().default(false),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
const lockSchema = z.object({ packages: z.record(z.string(), locked) });

/** Where Node looks for what a package needs: its own folder, and those around it. */
function foldersAbove(path: string): readonly string[] {
  const around = path.lastIndexOf('node_modules/');
  const own = `${path}/node_modules/`;
  return around < 0
    ? ['node_modules/']
    : [own, ...foldersAbove(path.slice(0, Math.max(0, around - 1)))];
}

describe('the lock file', () => {
  const { packages } = lockSchema.parse(JSON.parse(read('package-lock.json')));
  const installed = Object.entries(packages).filter(([path]) => path !== '');

  test('pins every package by its hash, and none runs a script when it is installed', () => {
    expect(installed).not.toEqual([]);
    const loose = installed.filter(([, each]) => each.integrity === undefined && !each.inBundle);
    expect(loose).toEqual([]);
    expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
  });

  // `npm ci` refuses a lock file made where the registry lacked another platform's package.
  test('holds the packages of every platform', () => {
    const missing = installed.flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !foldersAbove(path).some((folder) => `${folder}${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe('no test is left out silently', () => {
  let checkout = '';

  beforeAll(() => {
    checkout = mkdtempSync(join(tmpdir(), 'tailrace-ci-'));
    mkdirSync(join(checkout, 'test/house'), { recursive: true });
    for (const file of ['vitest.config.ts', 'package.json', 'test/house/skip-reporter.ts']) {
      cpSync(join(root, file), join(checkout, file));
    }
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  });
  afterAll(() => rmSync(checkout, { recursive: true }));

  /** Runs vitest with our configuration on one file, which holds a passing test and `rest`. */
  async function vitest(rest: string, declared = '', ...args: readonly string[]) {
    const source = `import { describe, expect, test } from 'vitest';\ntest('runs', () => expect(1).toBe(1));\n`;
    writeFileSync(join(checkout, 'test/a.test.ts'), source + rest);
    writeFileSync(join(checkout, 'test/skipped.txt'), declared);
    const program = join(root, 'node_modules/vitest/vitest.mjs');
    const env = { ...process.env, NO_COLOR: '1' };
    return run(process.execPath, [program, 'run', ...args], { cwd: checkout, env });
  }

  test('a run without any passes', async () => {
    expect(await vitest('')).toMatchObject({ code: 0 });
  });

  test.each([
    ['skip', `test.skip('left', () => expect(1).toBe(1));`, 'test/a.test.ts > left'],
    ['todo', `test.todo('left');`, 'test/a.test.ts > left'],
    ['a skip on the way', `test('left', ({ skip }) => skip());`, 'test/a.test.ts > left'],
    [
      'a skipped suite',
      `describe.skip('s', () => test('left', () => {}));`,
      'test/a.test.ts > s > left',
    ],
  ])('%s fails the run', async (_what, source, name) => {
    const { code, output } = await vitest(source);
    expect(output).toContain(`skipped, but not declared in test/skipped.txt:\n  ${name}\n`);
    expect(code).toBe(1);
  });

  test('.only fails the run', async () => {
    const { code, output } = await vitest(`test.only('alone', () => expect(1).toBe(1));`);
    expect(output).toContain('Unexpected .only modifier');
    expect(code).toBe(1);
  });

  test('a declared one may be skipped, and one may ask for some tests by name', async () => {
    const skipped = `test.skip('left', () => expect(1).toBe(1));`;
    expect(await vitest(skipped, 'test/a.test.ts > left\n')).toMatchObject({ code: 0 });
    expect(await vitest(`test('other', () => expect(1).toBe(1));`, '', '-t', 'runs')).toMatchObject(
      { code: 0 },
    );
  });
});
