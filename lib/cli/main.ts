/** The command line: `tailrace <command>`. Started by `bin/tailrace.js`, always on Node 24. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import * as z from 'zod';

const manifestPath = new URL('../../package.json', import.meta.url);
const manifest = z
  .object({ version: z.string(), description: z.string() })
  .parse(JSON.parse(readFileSync(manifestPath, 'utf8')));

await new Command('tailrace')
  .description(manifest.description)
  .version(`tailrace ${manifest.version} (node ${process.version})`)
  .parseAsync();
