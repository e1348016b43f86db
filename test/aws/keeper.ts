// A program of its own: runs a command until its standard input ends, then ends the command and
// removes its folder. Whoever holds the other end of that pipe may be killed; the kernel closes it.

import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [folder = '', command = '', ...args] = process.argv.slice(2);
const graceMs = 10_000;

// In a process group of its own, so that what it started ends with it.
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
const stop = (): void => {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
};
process.stdin.on('end', stop).resume();
process.on('SIGTERM', stop);

child.on('error', ({ message }) => {
  console.error(message);
  end(1);
});
child.on('exit', (code) => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left.
  }
  end(code ?? 1);
});

function end(code: number): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}
