import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The URLs of what a process loads that runs this. */
export async function loadedBy(work: string): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'tailrace-loaded-'));
  const file = join(directory, 'program.mjs');
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    ${work}
    console.log(JSON.stringify(loaded));`;
  try {
    await writeFile(file, program);
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    return JSON.parse(stdout) as string[];
  } finally {
    await rm(directory, { recursive: true });
  }
}

export const isSdk = (url: string): boolean => /\/node_modules\/@(?:aws-sdk|smithy)\//.test(url);

/** For an import there, of a path in the repository. */
export const fileOf = (path: string): string =>
  JSON.stringify(new URL(`../../${path}`, import.meta.url));
