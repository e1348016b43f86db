import { once } from 'node:events';
import { bold } from './style.ts';
import { tableLines } from './table.ts';
import type { Column } from './table.ts';

const reader = new AbortController();

/** Aborted when whoever read our output has gone (`tailrace consume … | head`). */
export const outputGone: AbortSignal = reader.signal;

/** A reader that has had enough ends us quietly; output that cannot be written is a failure. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.stderr.write(`tailrace: cannot write the output: ${error.message}\n`);
      process.exit(1);
    }
    reader.abort();
  });
  // Nobody is left who could be told.
  process.stderr.on('error', () => undefined);
}

/** Resolves when there is room for more, or nobody to read it. */
export async function write(bytes: Uint8Array | string): Promise<void> {
  if (outputGone.aborted || process.stdout.write(bytes)) return;
  await once(process.stdout, 'drain', { signal: outputGone }).catch(() => undefined);
}

export async function printTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const { stdout } = process;
  const width = stdout.isTTY ? stdout.columns : undefined;
  const lines = tableLines(columns, rows, { width, heading: (text) => bold(text, stdout) });
  await write(`${lines.join('\n')}\n`);
}

/** One JSON document. An offset or a time is a number, or its digits where a double cannot hold it. */
export async function printJson(value: unknown): Promise<void> {
  await write(`${JSON.stringify(value, integers, 2)}\n`);
}

function integers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? jsonInteger(value) : value;
}

export function jsonInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
