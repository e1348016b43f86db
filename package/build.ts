import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { writeBundles } from '../cdk/bundles.ts';
import { handlerFolder } from '../cdk/handler-folder.ts';
import { duties } from '../cdk/permissions.ts';
import { reachOfCode, reachOfTypes } from './imports.ts';
import { manifestOf } from './manifest.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = join(root, 'dist/compiled');
const folder = join(root, 'dist/package');

/** Where execution begins. A thread is started by the name of its file, so no import leads to it. */
const code = [
  'bin/tailrace.js',
  'cdk/index.js',
  'lib/adapters/embedded/writer-thread.js',
  'lib/cli/main.js',
  'lib/client/index.js',
];
/** What people import. */
const types = ['cdk/index.d.ts', 'lib/client/index.d.ts'];

export interface Packed {
  /** Path of the tarball. */
  readonly tarball: string;
  readonly bytes: number;
  readonly unpackedBytes: number;
  /** By their paths in the package. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/** Builds the package in `dist/package`, from nothing, and packs it. */
export async function pack(): Promise<Packed> {
  await Promise.all([compile(), writeBundles()]);
  await rm(folder, { recursive: true, force: true });
  const [ofCode, ofTypes] = [await reachOfCode(compiled, code), reachOfTypes(compiled, types)];
  const packages = new Set([...ofCode.packages, ...ofTypes.packages]);
  for (const file of [...ofCode.files, ...ofTypes.files]) await copy(compiled, file);
  for (const duty of duties) await copy(root, relative(root, handlerFolder(duty)));
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) await copy(root, file);
  const manifest = manifestOf(root, [...packages].toSorted());
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return packFolder();
}

async function compile(): Promise<void> {
  await rm(compiled, { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const project = join(root, 'package/tsconfig.json');
  await run(process.execPath, [tsc, '-p', project]).catch((error: { stdout: string }) => {
    throw new Error(`the compiler refused: ${error.stdout}`);
  });
}

async function copy(from: string, path: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await cp(join(from, path), join(folder, path), { recursive: true });
}

const report = z.tuple([
  z.object({
    filename: z.string(),
    size: z.number(),
    unpackedSize: z.number(),
    files: z.array(z.object({ path: z.string(), size: z.number() })),
  }),
]);

async function packFolder(): Promise<Packed> {
  const destination = join(root, 'dist');
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
  const { stdout } = await run('npm', args, { cwd: folder });
  const [{ filename, size, unpackedSize, files }] = report.parse(JSON.parse(stdout));
  return {
    tarball: join(destination, filename),
    bytes: size,
    unpackedBytes: unpackedSize,
    files: files.map((file) => ({ path: file.path, bytes: file.size })),
  };
}
