import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { run } from '../house/run.ts';

const root = resolve(import.meta.dirname, '../..');
// Outside node_modules, which `npm ci` empties.
const cache = join(root, '.cache/runtime-client');
const manifests = ['package.json', 'package-lock.json'].map((file) =>
  join(import.meta.dirname, 'client', file),
);
const help = 'the tests under AWS’s runtime client need it (docs/runtime-lane.md)';

/** What its native part is built with and sandboxes are started with, and the Debian package of each. */
const tools: Readonly<Record<string, string>> = {
  cmake: 'cmake',
  'g++': 'g++',
  make: 'make',
  python3: 'python3',
  tar: 'tar',
  xz: 'xz-utils',
  setpriv: 'util-linux',
};

/**
 * The program that Lambda runs in a sandbox with Node 24: `aws-lambda-ric`. Installs it from npm
 * and builds it the first time, within a minute on two cores.
 */
export async function installRuntimeClient(): Promise<string> {
  const home = join(cache, await version());
  const program = join(home, 'index.mjs');
  if (existsSync(program)) return program;
  console.log(`building AWS's runtime client, once, into ${home}`);
  await findTools();
  await mkdir(cache, { recursive: true });
  // Complete or not there: it is built under another name, also if two runs build it.
  const folder = await mkdtemp(`${home}.`);
  try {
    for (const file of manifests) await cp(file, join(folder, basename(file)));
    // The repository's .npmrc allows no scripts; this package's own allows one.
    await step(folder, 'npm', ['ci', '--ignore-scripts=false', '--loglevel=error']);
    await rename(join(folder, 'node_modules/aws-lambda-ric'), home);
  } catch (error) {
    if (!existsSync(program)) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return program;
}

/** What was built for another Node, or from other packages, is another program. */
async function version(): Promise<string> {
  const hash = createHash('sha256').update(`${process.arch} ${process.versions.modules}`);
  for (const file of manifests) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

async function findTools(): Promise<void> {
  const missing: string[] = [];
  for (const [tool, debian] of Object.entries(tools)) {
    const found = await run(tool, ['--version'], { cwd: root }).catch(() => undefined);
    if (found?.code !== 0) missing.push(debian);
  }
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`expected the tools to build AWS’s runtime client; ${help}: ${command}`);
  }
  console.log(`installing what it is built with: ${command}`);
  await step(root, 'apt-get', ['update', '-q']);
  await step(root, 'apt-get', command.split(' ').slice(1));
}

async function step(cwd: string, program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await run(program, args, { cwd, env: environment() });
  if (code === 0) return;
  throw new Error(
    `${program} failed; ${help} command=${program} ${args.join(' ')} code=${code} output=${output.slice(-4_000).trim()}`,
  );
}

/** Built by and for the Node that runs this, with the headers beside it, if it came with them. */
function environment(): NodeJS.ProcessEnv {
  const folder = dirname(process.execPath);
  const node = dirname(folder);
  const headers = existsSync(join(node, 'include/node/node_api.h'));
  return {
    ...process.env,
    ...(headers ? { npm_config_nodedir: node } : {}),
    PATH: [folder, process.env['PATH']].join(delimiter),
    DEBIAN_FRONTEND: 'noninteractive',
  };
}
