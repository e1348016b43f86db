/** The command line: `tailrace <command>`. Started by `bin/tailrace.js`, always on Node 24. */
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { watchOutput } from './output.ts';
import { createProgram } from './program.ts';

const manifestPath = new URL('../../package.json', import.meta.url);
const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as {
  readonly version: string;
  readonly description: string;
};

/** Not imported before they are needed: they know the engine's errors. */
async function tellFailure(error: unknown): Promise<void> {
  const { exitCodeOf, tell } = await import('./errors.ts');
  const { red } = await import('./style.ts');
  process.stderr.write(`${red('tailrace:', process.stderr)} ${tell(error)}\n`);
  process.exitCode = exitCodeOf(error);
}

watchOutput();
try {
  const version = `tailrace ${manifest.version} (node ${process.version})`;
  await createProgram(manifest.description, version).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It has told what was wrong, or shown the help that was asked for.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    await tellFailure(error);
  }
}
