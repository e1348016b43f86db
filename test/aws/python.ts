import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../house/run.ts';
import { emulatorCache, installOnce, installStep } from './install-once.ts';

const root = resolve(import.meta.dirname, '../..');
const pythons = ['python3', ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)];

interface PythonProgram {
  readonly name: string;
  /** A file of requirements, each with its hash or none of them. */
  readonly requirements: string;
  /** The least n of Python 3.n. */
  readonly minor: number;
  /** What else would do where there is no such Python. */
  readonly instead?: string;
  /** More for pip. */
  readonly flags?: readonly string[];
}

/** The Python of an environment that has what a program requires. Installed from PyPI, once. */
export async function installPython(
  { name, requirements, minor, instead, flags = [] }: PythonProgram,
  cache = emulatorCache,
): Promise<string> {
  const python = await findPython(minor, instead);
  const content = await readFile(requirements);
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const home = await installOnce(cache, {
    name: `${name}-${digest}-python3.${python.minor}`,
    // A link, which may lead to a Python that is gone.
    proof: 'bin/python',
    install: async (folder) => {
      await installStep({
        what: 'an environment of Python',
        command: [python.name, '-m', 'venv', folder],
        advice: 'install its venv module (Debian: apt-get install python3-venv)',
      });
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...flags];
      await installStep({
        what: `what ${name} requires`,
        command: [join(folder, 'bin/python'), ...pip, '-r', requirements],
        advice: 'make PyPI reachable (pip obeys PIP_INDEX_URL and HTTPS_PROXY), then run again',
      });
    },
  });
  return join(home, 'bin/python');
}

async function findPython(
  least: number,
  instead: string | undefined,
): Promise<{ readonly name: string; readonly minor: number }> {
  const found: string[] = [];
  for (const name of pythons) {
    const args = ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'];
    const ended = await run(name, args, { cwd: root }).catch(() => undefined);
    if (ended?.code !== 0) continue;
    const [major = 0, minor = 0] = ended.output.trim().split('.').map(Number);
    if (major === 3 && minor >= least) return { name, minor };
    found.push(`${name}=${major}.${minor}`);
  }
  const advice = ['install it', ...(instead === undefined ? [] : [instead])].join(', or ');
  throw new Error(
    `expected Python 3.${least} or newer; the tests need it (docs/testing.md): ${advice} found=${found.join(' ') || 'none'}`,
  );
}
