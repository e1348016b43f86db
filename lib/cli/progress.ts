import type { Readable } from 'node:stream';
import type { Clock } from '../ports/environment.ts';
import type { Ledger } from './ledger.ts';
import { bytesText } from './text.ts';

const everyMs = 200;

/** A line that is written over and over, on a terminal, unless the input is typed there, too. */
export async function showProgress(
  ledger: Ledger,
  input: Readable,
  clock: Clock,
  ended: AbortSignal,
): Promise<void> {
  const { stderr } = process;
  if (!stderr.isTTY || (input === process.stdin && process.stdin.isTTY)) return;
  const from = clock.monotonic();
  let width = 0;
  for (;;) {
    await clock.sleep(everyMs, ended);
    if (ended.aborted) break;
    const line = progressLine(ledger, (clock.monotonic() - from) / 1_000);
    stderr.write(`\r${line.slice(0, stderr.columns - 1).padEnd(width)}`);
    width = Math.min(line.length, stderr.columns - 1);
  }
  if (width > 0) stderr.write(`\r${' '.repeat(width)}\r`);
}

function progressLine({ acknowledged, acknowledgedBytes }: Ledger, seconds: number): string {
  const perSecond = (value: number): number => Math.round(value / Math.max(seconds, 0.001));
  return [
    `${acknowledged} records`,
    bytesText(acknowledgedBytes),
    `${perSecond(acknowledged)} records/s`,
    `${bytesText(perSecond(acknowledgedBytes))}/s`,
  ].join('  ');
}
