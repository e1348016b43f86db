#!/usr/bin/env node
// Tailrace needs Node 24. In the repository it comes along as a dependency, and this file hands over to
// it; the package leaves it to whoever installs it. Plain JavaScript, which older releases can read.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { isatty } from 'node:tty';

const NODE_MAJOR = 24;
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// What keeps the server small, measured by `npm run bench`. V8 sizes its heap by the machine's memory,
// and glibc keeps freed buffers: on 24 GB, 450 MB after a load that needs 60. Other commands end soon, and
// are quicker without.
const isServer = process.argv[2] === 'serve';
const FLAGS = ['--max-semi-space-size=2', '--heap-growing-percent=40', '--expose-gc'];
const MALLOC = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '65536',
};
const require = nodeModule.createRequire(import.meta.url);

/** Path of the Node that our manifest brings along, or undefined if it brings none for the platform. */
function platformNode() {
  const { platform, arch } = process;
  const { optionalDependencies = {} } = require('../package.json');
  for (const name of [`node-${platform}-${arch}`, `node-bin-${platform}-${arch}`]) {
    // One that somebody else brought may be of any release.
    if (optionalDependencies[name] === undefined) continue;
    try {
      return realpathSync(require.resolve(`${name}/bin/node`));
    } catch {
      // Not installed: the other name, or the Node we run on, may do.
    }
  }
  return undefined;
}

const args = [...(isServer ? FLAGS : []), ...process.execArgv, ...process.argv.slice(1)];
const env = isServer ? { ...MALLOC, ...process.env } : process.env;

/** Runs this file again under `node` and ends as that process ends. */
function handOver(node) {
  const isOnTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  const child = spawn(node, args, { stdio: 'inherit', env });
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      // A terminal sends ^C to both processes; passing it on again would count as a second one.
      if (signal !== 'SIGINT' || !isOnTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`tailrace: cannot start node: path=${node} reason=${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const forwarded of FORWARDED) process.removeAllListeners(forwarded);
    process.kill(process.pid, signal);
  });
}

const node = platformNode();
if (node !== undefined && node !== realpathSync(process.execPath)) {
  handOver(node);
} else if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR) {
  console.error(`tailrace: needs node ${NODE_MAJOR} or later: version=${process.versions.node}`);
  process.exit(1);
} else if (isServer && !process.execArgv.includes(FLAGS[0]) && process.platform !== 'win32') {
  // The same process starts over; only a release too old for that would need another one.
  process.execve(process.execPath, [process.execPath, ...args], env);
} else {
  nodeModule.enableCompileCache();
  await import('../lib/cli/main.ts');
}
