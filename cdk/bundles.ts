import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { handlerFile, handlerFolder } from './handler-folder.ts';
import { duties } from './permissions.ts';
import type { Duty } from './permissions.ts';

/**
 * How a handler becomes one file. The SDK comes with it: the one of the runtime changes without
 * notice, and is slower to load.
 */
const bundling = {
  format: 'esm',
  target: 'node24',
  minify: true,
  // An ESM build takes less of each package than a CommonJS one.
  mainFields: ['module', 'main'],
  // Some packages are CommonJS and require what Node has.
  banner: {
    js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
  },
} as const;

export interface Bundle {
  readonly duty: Duty;
  readonly contents: Uint8Array;
  readonly bytes: number;
  /** About what is uploaded. */
  readonly zippedBytes: number;
  /** The files that it is made of, from the root of the repository. */
  readonly files: readonly string[];
}

/** Each function as it is deployed, without deploying it. */
export function bundles(): Promise<Bundle[]> {
  return Promise.all(duties.map(bundleOf));
}

/**
 * Puts them where the construct takes them from. Who synthesises in the repository calls this
 * before; the package comes with what it wrote.
 */
export async function writeBundles(): Promise<void> {
  for (const { duty, contents } of await bundles()) {
    const folder = handlerFolder(duty);
    await mkdir(folder, { recursive: true });
    // Another process may be reading there: it finds the old file or the new one, never half of it.
    const unfinished = join(dirname(folder), `.${duty}-${process.pid}`);
    await writeFile(unfinished, contents);
    await rename(unfinished, join(folder, handlerFile));
  }
}

async function bundleOf(duty: Duty): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    ...bundling,
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    entryPoints: [`functions/${duty}/handler.ts`],
    mainFields: [...bundling.mainFields],
    bundle: true,
    platform: 'node',
    metafile: true,
    write: false,
  });
  const [{ contents } = { contents: new Uint8Array() }] = outputFiles;
  return {
    duty,
    contents,
    bytes: contents.length,
    zippedBytes: gzipSync(contents).length,
    files: Object.keys(metafile.inputs),
  };
}
