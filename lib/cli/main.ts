/** The command line: `tailrace <command>`. Started by `bin/tailrace.js`, always on Node 24. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import * as z from 'zod';
import { serveCommand } from './serve.ts';

const manifestPath = new URL('../../package.json', import.meta.url);
const manifest = z
  .object({ version: z.string(), description: z.string() })
  .parse(JSON.parse(readFileSync(manifestPath, 'utf8')));

const program = new Command('tailrace')
  .description(manifest.description)
  .version(`tailrace ${manifest.version} (node ${process.version})`)
  .showHelpAfterError("usage: tailrace serve [options]\nsee 'tailrace --help'")
  .addCommand(serveCommand);

try {
  await program.parseAsync();
} catch (error) {
  // A directory in use, a port taken: one line that says what to do, not a stack.
  console.error(`tailrace: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
