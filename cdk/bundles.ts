import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundling } from './bundling.ts';
import { duties } from './permissions.ts';
import type { Duty } from './permissions.ts';

export interface Bundle {
  readonly duty: Duty;
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

async function bundleOf(duty: Duty): Promise<Bundle> {
  const { banner, format, mainFields, minify, target } = bundling;
  const { metafile, outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    entryPoints: [`functions/${duty}/handler.ts`],
    bundle: true,
    platform: 'node',
    banner: { js: banner },
    format,
    mainFields: [...mainFields],
    minify,
    target,
    metafile: true,
    write: false,
  });
  const [{ contents } = { contents: new Uint8Array() }] = outputFiles;
  return {
    duty,
    bytes: contents.length,
    zippedBytes: gzipSync(contents).length,
    files: Object.keys(metafile.inputs),
  };
}
