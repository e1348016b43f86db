import { exitCodes } from './errors.ts';
import type { Ledger } from './ledger.ts';
import type { StopSignal } from './signals.ts';
import { counted } from './text.ts';

/** What is told on stderr at the end: what was acknowledged, what was not, how to go on. */
export function report(ledger: Ledger, signal?: StopSignal, fault?: string): string {
  const { acknowledged, acknowledgedBytes, failed, unknown, troubles, unbroken, ahead } = ledger;
  const lines = troubles.map(
    ({ line, kind, message }) => `tailrace: line ${line} ${kind}: ${message}`,
  );
  const untold = failed + unknown - troubles.length;
  if (troubles.length > 0 && untold > 0) lines.push(`tailrace: and ${untold} more`);
  if (fault !== undefined) lines.push(`tailrace: the input ended early: ${fault}`);
  const done = [
    `acknowledged ${counted(acknowledged, 'record')}, ${counted(acknowledgedBytes, 'byte')}`,
    ...(failed > 0 ? [`failed ${failed}`] : []),
    ...(unknown > 0 ? [`unknown ${unknown}`] : []),
    ...(signal === undefined ? [] : [`interrupted by ${signal}`]),
  ];
  lines.push(done.join('; '));
  if (failed + unknown > 0 || signal !== undefined || fault !== undefined) {
    lines.push(`${upTo(unbroken)} acknowledged; to go on: --skip-lines ${unbroken}`);
    if (ahead > 0) {
      lines.push(`${counted(ahead, 'later line')}, acknowledged as well, would be appended again`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function upTo(line: number): string {
  if (line <= 1) return line === 0 ? 'no line is' : 'line 1 is';
  return `lines 1 to ${line} are`;
}

/** Unknown goes before failed: it is what needs care. */
export function exitCodeAfter({ failed, unknown }: Ledger, otherwise: number): number {
  if (unknown > 0) return exitCodes.unknown;
  return failed > 0 ? exitCodes.failed : otherwise;
}
