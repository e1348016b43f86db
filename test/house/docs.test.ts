import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { routes } from '../../lib/http/routes.ts';
import { limits } from '../../lib/std/limits.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const there = (path: string): boolean => existsSync(join(root, path));

const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })];

const columnsMax = 120;
const writePath =
  '`functions/produce/handler.ts` → `lib/http/routes.ts` → `lib/broker/produce.ts` → ' +
  '`lib/core/log/append-machine.ts` (decides, by `apply.ts`) → `lib/engine/driver.ts` (does, through a port)';

const folders = 'lib|test|docs|bin|functions|bench|examples|cdk|package|\\.ci';
const repoPath = new RegExp(`^(?:(?:${folders})/[\\w./*-]*|[\\w.-]+\\.(?:md|ts))$`);

/** What stands between backticks on a line; fenced blocks are examples. */
function quoted(page: string): string[] {
  const prose = read(page).replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text ?? '');
}

/** A bare name stands for a file that the page has spoken of: it must be somewhere. */
function isThere(path: string): boolean {
  if (there(path)) return true;
  if (path.includes('*')) return globSync(path, { cwd: root }).length > 0;
  return (
    !path.includes('/') && globSync(`{lib,functions,cdk,test}/**/${path}`, { cwd: root }).length > 0
  );
}

const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The rows of all tables under a heading. */
function rowsUnder(page: string, heading: string): string[][] {
  const [, section = ''] = read(page).split(new RegExp(`^## ${heading}$`, 'm'));
  const [own = ''] = section.split(/^## /m);
  return own
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf);
}

describe.each(pages)('%s', (page) => {
  test('links to files that exist', () => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(
      ([, target]) => target ?? '',
    );
    const relative = links.filter((target) => !/^[a-z]+:/.test(target));
    expect(relative.filter((target) => !there(join(dirname(page), target)))).toEqual([]);
  });

  test('names files that exist', () => {
    const paths = quoted(page).filter((text) => repoPath.test(text));
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });

  test(`keeps prose within ${columnsMax} columns`, () => {
    const lines = read(page).split('\n');
    const long = lines.filter((line) => line.length > columnsMax && !line.startsWith('|'));
    expect(long.filter((line) => line !== writePath && !line.startsWith('`std ← '))).toEqual([]);
  });
});

test('the write path stands in docs/architecture.md and in the README', () => {
  expect(read('docs/architecture.md').split('\n')).toContain(writePath);
  expect(read('README.md').split('\n')).toContain(writePath);
});

test('the layers of docs/architecture.md have a row each', () => {
  const layers = globSync('lib/*/', { cwd: root }).map(
    (folder) => `\`${folder.replace(/\/$/, '')}\``,
  );
  const rows = rowsUnder('docs/architecture.md', 'Layers').map(([name]) => name);
  expect(layers.filter((layer) => !rows.includes(layer))).toEqual([]);
});

test('the limits of docs/limits-and-costs.md are those of the code', () => {
  const rows = rowsUnder('docs/limits-and-costs.md', 'Limits').flatMap(
    ([name = '', value = '']) => {
      const limit = /^`(\w+)`$/.exec(name)?.[1];
      return limit === undefined ? [] : [[limit, Number(value.replaceAll(',', ''))] as const];
    },
  );
  expect(Object.fromEntries(rows)).toEqual(limits);
});

interface Header {
  readonly file: string;
  readonly apis: readonly { readonly name: string; readonly key: string }[];
  readonly deviations: string | undefined;
}

/** The comment that a file of the broker opens with, if it is that of an API. */
function headerOf(file: string): Header | undefined {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(read(file))?.[1] ?? '';
  const text = comment
    .replaceAll(/^[ \t]*\*?[ \t]*/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const api = /^API: (.*?)(?: Behaviour: | Store requests: )/.exec(text)?.[1];
  if (api === undefined) return undefined;
  const apis = [...api.matchAll(/(\w+) \(key (\d+)\)/g)].map(([, name = '', key = '']) => ({
    name,
    key,
  }));
  const deviations = /Deviations from Kafka: (.*?) Store requests: /.exec(text)?.[1];
  return { file, apis, deviations };
}

describe('docs/kafka-parity.md', () => {
  const page = 'docs/kafka-parity.md';
  const headers = globSync('lib/broker/{*,groups/*}.ts', { cwd: root }).flatMap(
    (file) => headerOf(file) ?? [],
  );

  test('has the APIs that the headers of lib/broker name', () => {
    const named = headers.flatMap(({ file, apis }) => apis.map((api) => ({ ...api, file })));
    expect(named.length).toBeGreaterThan(5);
    const rows = rowsUnder(page, 'APIs');
    const missing = named.filter(({ name, key, file }) => {
      const row = rows.find((cells) => cells[0] === name && cells[1] === key);
      return row?.[4]?.includes(`\`${file}\``) !== true || !['yes', 'part'].includes(row[3] ?? '');
    });
    expect(missing).toEqual([]);
  });

  test('shows a file for every API that is there, and for no other', () => {
    const rows = rowsUnder(page, 'APIs').filter(([, key = '']) => /^\d+$/.test(key));
    expect(rows.length).toBeGreaterThan(70);
    const wrong = rows.filter(([, , , here = '', file]) =>
      ['yes', 'part'].includes(here) ? file === '' : !['no', 'never'].includes(here) || file !== '',
    );
    expect(wrong).toEqual([]);
  });

  test('has every route of the table, and shows none that is not there', () => {
    const rows = rowsUnder(page, 'HTTP routes').filter(([route = '']) => /^[A-Z]+ \//.test(route));
    const here = rows.filter(([, status = '']) => ['yes', 'part'].includes(status));
    expect(here.map(([route, , operation]) => [route, operation])).toEqual(
      routes.map(({ method, path, operation }) => [`${method} ${path}`, operation]),
    );
    const absent = rows.filter((row) => !here.includes(row));
    const wrong = absent.filter(
      ([, status = '', operation, reason]) =>
        !['no', 'never'].includes(status) || operation !== '' || reason === '',
    );
    expect(wrong).toEqual([]);
    expect(absent.filter(([route]) => here.some(([own]) => own === route))).toEqual([]);
  });

  test('has the deviations of the headers, word by word', () => {
    const stated = headers.flatMap(({ file, deviations }) =>
      deviations === undefined ? [] : [[`\`${file}\``, deviations] as const],
    );
    const rows = rowsUnder(page, 'Deviations').filter(([file = '']) => file.startsWith('`'));
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(stated));
  });
});
