import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CommandFailed } from './errors.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  EACCES: 'it may not be read',
  EISDIR: 'it is a directory',
};

/** Stdin, or a file. It is opened before anything else is done, and may be destroyed at any time. */
export async function openInput(path: string | undefined): Promise<Readable> {
  if (path === undefined || path === '-') return process.stdin;
  try {
    const file = await open(path);
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
    }
    return file.createReadStream({ highWaterMark: 256 * 1024 });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const came = reasons[code] ?? message;
    throw new CommandFailed(`cannot read the input: expected a file, but ${came}: path=${path}`);
  }
}
