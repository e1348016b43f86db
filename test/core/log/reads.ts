import type { Command } from '../../../lib/core/log/command.ts';
import { readMachine } from '../../../lib/core/log/read-machine.ts';
import type { ReadResult } from '../../../lib/core/log/read-machine.ts';
import type { Replayed } from '../../../lib/core/log/slot.ts';
import { offset } from '../../../lib/std/brands.ts';
import { log } from '../../sim/explorer/commands.ts';
import { config, newId } from './build.ts';
import { OneLog } from './one-log.ts';
import type { Course } from './one-log.ts';

/** Two commands per slot, four slots to the ring, two to a group. A command is a record of 4 bytes. */
export const shape = config({ ringSlots: 4, spillSlots: 2, sharedBytes: 19, soleStreak: 1_000 });

export function logOf(commands: number, of = new OneLog(shape)): OneLog {
  if (commands > 0) of.fill(commands);
  return of;
}

interface Wanted {
  readonly from: number;
  readonly bytes?: number;
  readonly newest?: Replayed;
}

export function read(of: OneLog, { from, bytes = 1_000, newest }: Wanted, course?: Course) {
  const at = offset(BigInt(from));
  const input = { log, config: of.config, offset: at, bytesMax: bytes, newest };
  const { result, asked } = of.run(readMachine, input, course);
  return { read: text(result), asked };
}

function text(result: ReadResult): string {
  switch (result.kind) {
    case 'read': {
      const offsets = result.runs.map(({ baseOffset }) => baseOffset).join(' ');
      return `[${offsets}] of ${result.head.start}…${result.head.end.offset}`;
    }
    case 'out-of-range':
      return `out of ${result.head.start}…${result.head.end.offset}`;
    case 'missing':
      return `missing: ${result.what}`;
    default:
      return result.kind;
  }
}

export const start = (to: number): Command => ({
  kind: 'start',
  id: newId(),
  offset: offset(BigInt(to)),
});
