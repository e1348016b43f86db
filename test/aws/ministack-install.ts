import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../house/run.ts';

const root = resolve(import.meta.dirname, '../..');
// Outside node_modules, which `npm ci` empties.
const defaultCache = join(root, '.cache/ministack');
const requirements = join(import.meta.dirname, 'ministack-requirements.txt');
const pythons = ['python3', ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)];
const help = 'the tests on emulated AWS need it (docs/testing.md)';

/**
 * The Python of an environment in which `-m ministack` runs. Installs it from PyPI the first time,
 * 90 MB in 10 to 25 s.
 */
export async function installMiniStack(cache = defaultCache): Promise<string> {
  const python = await findPython();
  const digest = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const home = join(cache, `${digest.slice(0, 12)}-python3.${python.minor}`);
  const program = join(home, 'bin/python');
  // False also if it leads to a Python that is gone.
  if (existsSync(program)) return program;
  await rm(home, { recursive: true, force: true });
  console.log(`installing the AWS emulator, once: MiniStack into ${home}`);
  // Complete or not there: what is being installed has another name, also if two runs install.
  const unfinished = join(cache, `unfinished-${process.pid}`);
  try {
    await mkdir(cache, { recursive: true });
    await removeAbandoned(cache);
    await step('an environment', python.name, ['-m', 'venv', unfinished], {
      failed: 'install the venv module of that Python (Debian: apt-get install python3-venv)',
    });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const wheels = [...pip, '--only-binary', ':all:', '--require-hashes', '-r', requirements];
    await step('the packages', join(unfinished, 'bin/python'), wheels, {
      failed: 'make PyPI reachable (pip obeys PIP_INDEX_URL and HTTPS_PROXY), then run again',
    });
    await rename(unfinished, home);
  } catch (error) {
    // Another run may have been faster.
    if (!existsSync(program)) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return program;
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

async function step(
  what: string,
  program: string,
  args: readonly string[],
  { failed }: { readonly failed: string },
): Promise<void> {
  const { code, output } = await run(program, args, { cwd: root });
  if (code === 0) return;
  const command = [program, ...args].join(' ');
  throw new Error(
    `expected ${what} for ministack, got code=${code}; ${help}: ${failed} command=${command} output=${output.trim()}`,
  );
}

async function findPython(): Promise<{ readonly name: string; readonly minor: number }> {
  const found: string[] = [];
  for (const name of pythons) {
    const args = ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'];
    const ended = await run(name, args, { cwd: root }).catch(() => undefined);
    if (ended?.code !== 0) continue;
    const [major = 0, minor = 0] = ended.output.trim().split('.').map(Number);
    if (major === 3 && minor >= 10) return { name, minor };
    found.push(`${name}=${major}.${minor}`);
  }
  throw new Error(
    `expected Python 3.10 or newer as python3; ${help}: install it, or set AWS_ENDPOINT_URL to an emulator that runs already found=${found.join(' ') || 'none'}`,
  );
}
