import { delimiter, dirname, join } from 'node:path';
import { answers, startKept } from './kept.ts';
import type { Kept } from './kept.ts';
import { installPython } from './python.ts';

/** 90 MB in 10 to 25 s. */
export const miniStack = {
  name: 'ministack',
  requirements: join(import.meta.dirname, 'ministack-requirements.txt'),
  minor: 10,
  instead: 'set AWS_ENDPOINT_URL to an emulator that runs already',
  flags: ['--only-binary', ':all:', '--require-hashes'],
};

const healthPaths = ['/_localstack/health', '/_ministack/health'];

/** The emulated AWS of `AWS_ENDPOINT_URL` if that is set, else a MiniStack of our own. */
export async function startEmulator(): Promise<Kept> {
  const given = process.env['AWS_ENDPOINT_URL'];
  if (given !== undefined && given !== '') return useGiven(given.replace(/\/$/, ''));
  const python = await installPython(miniStack);
  return startKept({
    name: 'ministack',
    command: () => [python, '-m', 'ministack'],
    // Its functions inherit what it has: nothing of ours, and Node 24 first.
    env: (folder, port) => ({
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: folder,
      TMPDIR: folder,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LOG_LEVEL: 'WARNING',
    }),
    isReady: (url) => answers(`${url}/_ministack/health`),
  });
}

async function useGiven(url: string): Promise<Kept> {
  for (const path of healthPaths) {
    if (await answers(url + path).catch(() => false)) {
      return { ...(await keepFolder()), url };
    }
  }
  throw new Error(
    `expected an emulator at AWS_ENDPOINT_URL that answers one of ${healthPaths.join(' ')}: start it, or unset the variable to have one started url=${url}`,
  );
}

/** A folder that goes when we go: that of a program that does nothing. */
function keepFolder(): Promise<Kept> {
  return startKept({
    name: 'folder',
    command: () => [process.execPath, '-e', 'setInterval(() => undefined, 1e9)'],
    env: () => ({}),
    isReady: () => Promise.resolve(true),
  });
}
