import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command } from '../../../lib/core/log/command.ts';
import { genesis } from '../../../lib/core/log/head.ts';
import { isFull, opening, replay } from '../../../lib/core/log/slot.ts';
import type { Entry, Replayed, Slot } from '../../../lib/core/log/slot.ts';
import { runsOf, runCount } from '../../../lib/core/log/spill-group.ts';
import { commandId, offset } from '../../../lib/std/brands.ts';
import { absent, config, data, marker, run, verified } from './build.ts';

const shape = config({ producersMax: 1, spillSlots: 2, ringSlots: 4, openTransactionsMax: 1 });

const pid = fc.integer({ min: 1, max: 3 });
const small = fc.integer({ min: 0, max: 2 });
const id = fc.integer({ min: 0, max: 30 }).map((n) => commandId(`x${n}`));
const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ id, pid, small, sequence: small, txn: small, slot: small }).map((of) => {
    const runs = [run({ count: of.small + 1 }), run({ ...of, epoch: of.small })];
    const brought =
      of.txn > 0 ? verified(of.slot, of.pid, of.small, of.txn) : absent(of.slot, of.pid);
    return data(runs, { id: of.id, brought });
  }),
  fc.record({ id, small }).map((of) => data([run()], { id: of.id, epoch: of.small })),
  fc
    .record({ id, epoch: small, txn: small, bump: fc.boolean(), slot: small })
    .map(({ slot, ...of }) => marker({ ...of, brought: absent(slot, 1) })),
  fc.record({ id, epoch: small }).map((of) => ({ kind: 'floor', ...of }) as const),
  fc
    .record({ id, of: small })
    .map(({ id: name, of }) => ({ kind: 'start', id: name, offset: offset(BigInt(of)) }) as const),
);

const slotOf = (seq: number, before: Replayed | undefined, of: readonly Command[]): Slot => ({
  seq,
  snapshot: before === undefined ? genesis : opening(before, shape).snapshot,
  commands: of,
  bytes: of.length * 10,
  limit: 0,
});

/** Slots with these commands, one after the other. */
function logOf(of: readonly (readonly Command[])[]): Replayed[] {
  const log: Replayed[] = [];
  for (const [seq, list] of of.entries()) log.push(replay(slotOf(seq, log.at(-1), list), shape));
  return log;
}

const lists = fc.array(fc.array(commands, { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 5,
});

test('replay of the rest after an earlier sight equals replay of the whole', () => {
  fc.assert(
    fc.property(lists, fc.nat(6), (of, cut) => {
      const whole = logOf(of).at(-1) as Replayed;
      const { slot } = whole;
      const part = replay({ ...slot, commands: slot.commands.slice(0, cut) }, shape);
      expect(replay(slot, shape, part)).toEqual(whole);
      expect(replay(slot, shape, whole)).toEqual(whole);
    }),
  );
});

test('replay from any slot equals replay from the first: a snapshot holds all that counts', () => {
  fc.assert(
    fc.property(lists, fc.nat(4), (of, from) => {
      const log = logOf(of);
      const first = log[Math.min(from, log.length - 1)] as Replayed;
      const again = [replay(first.slot, shape)];
      for (const { slot } of log.slice(first.slot.seq + 1)) {
        again.push(
          replay({ ...slot, snapshot: opening(again.at(-1) as Replayed, shape).snapshot }, shape),
        );
      }
      expect(again.at(-1)?.head).toEqual(log.at(-1)?.head);
    }),
  );
});

test('I2: accepted runs cover the log without hole or overlap', () => {
  fc.assert(
    fc.property(lists, (of) => {
      const log = logOf(of);
      let next = 0n;
      for (const entry of log.flatMap(runsOf)) {
        expect(entry.baseOffset).toBe(next);
        next += BigInt(runCount(entry));
      }
      expect(log.at(-1)?.head.end.offset).toBe(next);
    }),
  );
});

test('I5: in one slot an id is decided once, and every copy is told the same', () => {
  fc.assert(
    fc.property(fc.array(commands, { minLength: 1, maxLength: 20 }), (of) => {
      const { entries } = replay(slotOf(0, undefined, of), shape);
      const isAccepted = ({ verdicts }: Entry): boolean =>
        verdicts.some(({ kind }) => kind === 'accepted');
      for (const [i, { command, verdicts }] of entries.entries()) {
        const same = entries.slice(0, i).filter(({ command: { id: name } }) => name === command.id);
        expect(same.find(isAccepted)?.verdicts ?? verdicts).toEqual(verdicts);
      }
    }),
  );
});

test('who stays across an advance was used last, and nobody else is lost', () => {
  fc.assert(
    fc.property(lists, (of) => {
      for (const replayed of logOf(of)) {
        expect(isFull(replayed.slot)).toBe(true);
        const { snapshot, leaving } = opening(replayed, shape);
        expect(snapshot.producers.length).toBeLessThanOrEqual(shape.producersMax);
        expect([...leaving, ...snapshot.producers]).toEqual(replayed.head.producers);
      }
    }),
  );
});
