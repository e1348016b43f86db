import { config, verdictText } from './build.ts';
import type { AppendResult, Sight } from '../../../lib/core/log/append-state.ts';
import type { Command } from '../../../lib/core/log/command.ts';
import { OneLog } from './one-log.ts';
import type { Course, Disturbed } from './one-log.ts';

/** Two commands per slot, eight slots to the ring, four to a group. */
export const shape = config({ ringSlots: 8, spillSlots: 4, sharedBytes: 19, soleStreak: 1_000 });

export function logOf(commands: number, of = new OneLog(shape)): OneLog {
  if (commands > 0) of.fill(commands);
  return of;
}

export const sightOf = (of: OneLog): Sight => ({ replayed: of.newest, ownBefore: 0 });

function text(result: AppendResult): string {
  if (result.kind === 'restage') return `restage from ${result.floor}`;
  if (result.kind !== 'decided') return result.kind;
  const verdicts = result.verdicts.map(verdictText).join(', ');
  return result.opened ? `${verdicts}, opened` : verdicts;
}

/** Appends a command of one's own: what is told, and the calls on the way there. */
export function append(
  of: OneLog,
  more: Parameters<OneLog['append']>[1] & { readonly command?: Command } = {},
  course?: Course,
) {
  const { command = of.command('own'), ...rest } = more;
  const { result, asked } = of.append(command, rest, course);
  return { told: text(result), asked, result };
}

export const told = ({ told: what, asked }: ReturnType<typeof append>) => [what, ...asked];

export const at =
  (n: number, how: Disturbed): NonNullable<Course['disturb']> =>
  (_, i) =>
    i === n ? how : undefined;

/** What makes room in a ring that is full. */
export const room = (n: number, ...calls: readonly string[]): readonly string[] => [
  'names from 0',
  ...calls.slice(0, -1),
  `put object 0/o${n}`,
  ...calls.slice(-1),
];
