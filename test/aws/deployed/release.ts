import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const manifestSchema = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })),
});

/** Copies an assembly, with other code in each of its functions, as a next release would have it. */
export function nextRelease(assembly: string, copy: string): void {
  cpSync(assembly, copy, { recursive: true });
  const files = readdirSync(copy).filter((name) => name.endsWith('.json'));
  const renamed = new Map<string, string>();
  for (const name of files.filter((each) => each.endsWith('.assets.json'))) {
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(copy, name), 'utf8')));
    for (const [hash, { source }] of Object.entries(manifest.files)) {
      // Assets are named by their hash: who deploys uploads only those with a new name.
      if (renamed.has(hash)) continue;
      const newHash = createHash('sha256').update(hash).digest('hex');
      renamed.set(hash, newHash);
      if (!source.path.startsWith('asset.')) continue;
      appendFileSync(join(copy, source.path, 'index.mjs'), '\n// The next release.\n');
      renameSync(join(copy, source.path), join(copy, `asset.${newHash}`));
    }
  }
  for (const name of files) {
    let text = readFileSync(join(copy, name), 'utf8');
    for (const [hash, newHash] of renamed) text = text.replaceAll(hash, newHash);
    writeFileSync(join(copy, name), text);
  }
}
