import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const run = promisify(execFile);

/** An environment in which `node` is the one that runs this. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
};

/** Makes an empty project, as somebody has it who begins. */
export async function newProject(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = { name: 'somebody', version: '1.0.0', private: true, type: 'module' };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
}

/** `npm install` in it: packages by name and range, or tarballs. No package runs a script. */
export async function install(folder: string, packages: readonly string[]): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const args = ['install', '--ignore-scripts', '--prefer-offline', ...quiet, ...packages];
  await run('npm', args, { cwd: folder, env: environment });
}

export interface Installed {
  /** Of all packages, by their paths: ours, and what it brings. */
  readonly packages: readonly string[];
  readonly bytes: number;
}

const lockFile = z.object({ packages: z.record(z.string(), z.unknown()) });

/** What lies in the project's `node_modules`. */
export async function installedIn(folder: string): Promise<Installed> {
  const modules = join(folder, 'node_modules');
  const text = await readFile(join(modules, '.package-lock.json'), 'utf8');
  const packages = Object.keys(lockFile.parse(JSON.parse(text)).packages);
  let bytes = 0;
  for (const entry of await readdir(modules, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return { packages, bytes };
}

const cpuMs = 'Object.values(process.cpuUsage()).reduce((sum, each) => sum + each) / 1_000';

/** CPU time of a process that evaluates this and ends, at best, in ms. */
async function bestMs(folder: string, source: string): Promise<number> {
  const args = ['--input-type=module', '--eval', `${source}; console.log(${cpuMs});`];
  let best = Infinity;
  for (let round = 0; round < 15; round++) {
    const { stdout } = await run(process.execPath, args, { cwd: folder, env: environment });
    best = Math.min(best, Number(stdout));
  }
  return best;
}

export interface ImportTime {
  readonly what: string;
  /** CPU time of a process that imports it, at best. */
  readonly ms: number;
  /** Without that of a process that does nothing. */
  readonly ownMs: number;
}

/**
 * What it takes to import entries of the package, in a process of its own each time. CPU time,
 * because a machine that is busy with other things makes everything else longer.
 */
export async function importTimes(
  folder: string,
  entries: readonly string[],
): Promise<readonly ImportTime[]> {
  const nothing = await bestMs(folder, '0');
  const times: ImportTime[] = [{ what: 'nothing', ms: nothing, ownMs: 0 }];
  for (const what of entries) {
    const ms = await bestMs(folder, `await import('${what}')`);
    times.push({ what, ms, ownMs: ms - nothing });
  }
  return times;
}
