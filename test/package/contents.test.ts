import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, inject, test } from 'vitest';
import * as z from 'zod';
import { bundles } from '../../cdk/bundles.ts';
import { environment, installedIn } from '../../package/installation.ts';
import { run } from '../house/run.ts';

const packed = inject('packed');
const project = inject('project');
const own = join(project, 'node_modules/tailrace');
const paths = packed.files.map(({ path }) => path);

const manifestSchema = z.object({
  engines: z.object({ node: z.string() }),
  dependencies: z.record(z.string(), z.string()),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.literal(true) })),
});
const manifestText = readFileSync(join(own, 'package.json'), 'utf8');
const manifest = manifestSchema.parse(JSON.parse(manifestText));

test('JavaScript and declarations, no source', () => {
  const kinds = new Set(paths.map((path) => /(?:\.d)?\.\w+$/.exec(path)?.[0] ?? path));
  expect([...kinds].toSorted()).toEqual(['.d.ts', '.js', '.json', '.md', '.mjs', 'LICENSE']);
  expect(paths.filter((path) => /^(?:test|bench|package|examples)\//.test(path))).toEqual([]);
});

test('the functions, byte by byte as the repository deploys them', async () => {
  const made = await bundles();
  const folder = 'dist/handlers';
  const expected = made.map(({ duty }) => `${folder}/${duty}/index.mjs`);
  expect(paths.filter((path) => path.startsWith(folder))).toEqual(expected.toSorted());
  for (const { duty, contents } of made) {
    const shipped = readFileSync(join(own, folder, duty, 'index.mjs'));
    expect(Buffer.compare(shipped, contents), duty).toBe(0);
  }
});

test('dependencies are those that are imported, of the versions that are tested', () => {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(resolve('package.json'), 'utf8')));
  expect(dependencies).toMatchObject(manifest.dependencies);
  // What only the functions need is in their bundles.
  for (const name of ['@middy/core', '@aws-lambda-powertools/logger']) {
    expect(dependencies).toHaveProperty([name]);
    expect(manifest.dependencies).not.toHaveProperty([name]);
  }
  const optional = Object.keys(manifest.peerDependenciesMeta);
  expect(optional).toEqual(['@types/node', 'aws-cdk-lib', 'constructs']);
});

test('no node comes with it: the one that is there stays', async () => {
  expect(manifest.engines).toEqual({ node: '>=24' });
  expect(manifestText).not.toMatch(/node-(?:bin-)?(?:linux|darwin|win)/);
  const { packages } = await installedIn(project);
  expect(packages.filter((path) => /\/node-(?:bin-)?(?:linux|darwin|win)/.test(path))).toEqual([]);
  expect(existsSync(join(project, 'node_modules/.bin/node'))).toBe(false);
  const options = { cwd: project, env: environment };
  const { output } = await run('npm', ['exec', '--offline', '--call=node --version'], options);
  expect(output.trim().split('\n').at(-1)).toBe(process.version);
});

test('npm finds nothing missing and nothing that does not fit', async () => {
  const options = { cwd: project, env: environment };
  const { code, output } = await run('npm', ['ls', '--all'], options);
  expect(output).toContain('tailrace@');
  expect(code, output).toBe(0);
});

test('what npm packs in the repository itself has no code in it', async () => {
  const args = ['pack', '--dry-run', '--json', '--loglevel=silent'];
  const { output } = await run('npm', args, { cwd: resolve('.'), env: environment });
  const [{ files }] = z
    .tuple([z.object({ files: z.array(z.object({ path: z.string() })) })])
    .parse(JSON.parse(output));
  const packedHere = files.map(({ path }) => path);
  expect(packedHere).toEqual(['LICENSE', 'README.md', 'bin/tailrace.js', 'package.json']);
});

test('sizes are about those that docs/package.md tells', async () => {
  const page = readFileSync(resolve('docs/package.md'), 'utf8');
  const told = (what: string): number =>
    Number(
      new RegExp(`^\\| ${what} \\|.*\\| ([\\d,]+) \\|$`, 'm').exec(page)?.[1]?.replaceAll(',', ''),
    );
  const installed = await installedIn(project);
  console.log(`tarball ${packed.bytes}, with all that it brings ${installed.bytes} bytes`);
  for (const [is, was] of [
    [packed.bytes, told('tarball')],
    [packed.unpackedBytes, told('tarball, unpacked')],
  ] as const) {
    expect(Math.abs(is / was - 1), `${is} instead of ${was}: npm run pack`).toBeLessThan(0.1);
  }
});
