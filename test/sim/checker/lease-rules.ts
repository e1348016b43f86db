import type { GuardedWrite } from './group-history.ts';
import type { Rule } from './facts.ts';
import { grouped } from './history.ts';

/**
 * Writes under a lease that carry its fencing number: once the next holder has written, none of an
 * older one is accepted; one number has one holder; and no holder writes over what it has not seen.
 */
export const fencedWrites: Rule = ({ history: { groups } }) =>
  [...grouped(groups.guarded, ({ resource }) => resource)].flatMap(([resource, writes]) =>
    writes.flatMap((write, i) => {
      const before = writes[i - 1];
      const wrong = before === undefined ? undefined : wrongAfter(before, write);
      if (wrong === undefined) return [];
      const detail = `${resource}: ${textOf(write)} after ${before && textOf(before)}`;
      return [{ rule: wrong, detail }];
    }),
  );

function wrongAfter(before: GuardedWrite, write: GuardedWrite): string | undefined {
  if (write.epoch < before.epoch) return 'fenced write';
  if (write.epoch === before.epoch && write.owner !== before.owner) return 'two holders';
  return write.from === before.to ? undefined : 'lost update';
}

const textOf = ({ owner, epoch, from, to }: GuardedWrite): string =>
  `${owner} epoch=${epoch} ${from}→${to}`;
