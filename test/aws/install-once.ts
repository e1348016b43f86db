import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../house/run.ts';

const root = resolve(import.meta.dirname, '../..');
/** Outside node_modules, which `npm ci` empties. */
export const emulatorCache = join(root, '.cache/emulators');

interface Installation {
  /** Names it with all that it depends on, versions included. */
  readonly name: string;
  /** A file in it that is there if it is. */
  readonly proof: string;
  readonly install: (folder: string) => Promise<void>;
}

/**
 * The folder of what is installed once and then found. It is complete or not there: what is being
 * installed has another name, also if two runs install.
 */
export async function installOnce(
  cache: string,
  { name, proof, install }: Installation,
): Promise<string> {
  const home = join(cache, name);
  const isThere = () => existsSync(join(home, proof));
  if (isThere()) return home;
  await rm(home, { recursive: true, force: true });
  console.log(`installing, once: ${home}`);
  const unfinished = join(cache, `unfinished-${process.pid}`);
  try {
    await mkdir(cache, { recursive: true });
    await removeAbandoned(cache);
    await install(unfinished);
    await rename(unfinished, home);
  } catch (error) {
    // Another run may have been faster.
    if (!isThere()) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return home;
}

/** What runs that were ended while they installed left behind. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const owner = /^unfinished-(\d+)$/.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    await rm(join(cache, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

interface Step {
  /** What comes of it. */
  readonly what: string;
  readonly command: readonly [string, ...string[]];
  /** What to do if it fails. */
  readonly advice: string;
}

/** A step of an installation. */
export async function installStep({ what, command, advice }: Step): Promise<void> {
  const [program, ...args] = command;
  const ended = await run(program, args, { cwd: root }).catch((error: Error) => {
    return { code: undefined, output: error.message };
  });
  if (ended.code === 0) return;
  const { code, output } = ended;
  throw new Error(
    `expected ${what}, got code=${code}; the tests need it (docs/testing.md): ${advice} command=${command.join(' ')} output=${output.trim()}`,
  );
}
