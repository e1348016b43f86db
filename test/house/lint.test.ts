import { execFile } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import config from '../../oxlint.config.ts';
import { INNOCENT, OFFENCES } from './offences.ts';

const root = resolve(import.meta.dirname, '../..');
const reportSchema = z.object({
  diagnostics: z.array(
    z.object({
      message: z.string(),
      code: z.string().default(''),
      help: z.string().default(''),
      filename: z.string(),
    }),
  ),
});
type Diagnostic = z.infer<typeof reportSchema>['diagnostics'][number];

let checkout = '';
let diagnostics: readonly Diagnostic[] = [];

/** Runs oxlint as `npm run lint` does, in a folder laid out like this one. */
function runOxlint(folder: string): Promise<string> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  return new Promise((done) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [oxlint, '--format=json'], options, (_error, stdout) =>
      done(stdout),
    );
  });
}

beforeAll(async () => {
  checkout = mkdtempSync(join(tmpdir(), 'tailrace-lint-'));
  for (const file of ['oxlint.config.ts', 'tsconfig.json'])
    cpSync(join(root, file), join(checkout, file));
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const offending = OFFENCES.map(({ path, source }) => [path, source] as const);
  for (const [path, source] of [...offending, ...Object.entries(INNOCENT)]) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), source);
  }
  diagnostics = reportSchema.parse(JSON.parse(await runOxlint(checkout))).diagnostics;
});

afterAll(() => rmSync(checkout, { recursive: true }));

const found = (path: string) => diagnostics.filter(({ filename }) => filename === path);

describe('every lint rule fires', () => {
  test.each(OFFENCES)('$code in $path', ({ path, code, says }) => {
    const texts = found(path).map((each) => `${each.code}: ${each.message} ${each.help}`);
    const reported = texts.filter((text) => text.startsWith(`${code}: `) && text.includes(says));
    expect(reported, texts.join('\n')).not.toEqual([]);
  });

  test.each(Object.keys(INNOCENT))('and stays silent in %s', (path) => {
    expect(found(path)).toEqual([]);
  });

  test('no rule is configured without an offence that shows it firing', () => {
    const blocks = [config.rules, ...config.overrides.map(({ rules }) => rules)];
    const on = blocks
      .flatMap((rules) => Object.entries(rules))
      .filter(([, setting]) => setting !== 'off')
      .map(([rule]) => rule.replace(/^(.*)\/(.*)$/, '$1($2)'));
    const shown = OFFENCES.map(({ code }) => code);
    expect([...new Set(on)].filter((rule) => !shown.includes(rule))).toEqual([]);
  });

  test('every folder of lib is a layer', () => {
    const covered = config.overrides.flatMap(({ files }) => files);
    const folders = globSync('lib/*/', { cwd: root }).map(
      (folder) => `${folder.replace(/\/$/, '')}/**`,
    );
    expect(folders.filter((folder) => !covered.includes(folder))).toEqual([]);
  });
});

// oxlint bans `async` functions but knows no rule against a top-level await.
const awaits = (source: string) =>
  /\bawait\b/.test(source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''));

test('the core never awaits, not even at the top level', () => {
  expect(awaits('export const x = await y;')).toBe(true);
  const files = globSync('lib/core/**/*.ts', { cwd: root });
  expect(files).not.toEqual([]);
  expect(files.filter((file) => awaits(readFileSync(join(root, file), 'utf8')))).toEqual([]);
});
