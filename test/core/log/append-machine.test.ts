import { expect, test } from 'vitest';
import { appendMachine } from '../../../lib/core/log/append-machine.ts';
import type { AppendInput, AppendStep } from '../../../lib/core/log/append-state.ts';
import { genesis } from '../../../lib/core/log/head.ts';
import type { LogReply, LogRequest } from '../../../lib/core/log/requests.ts';
import type { Slot } from '../../../lib/core/log/slot.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { offset, partition, topicId } from '../../../lib/std/brands.ts';
import { config, data, run } from './build.ts';

const log = { topicId: topicId('t'), partition: partition(0) };
const command = data([run()]);
const input: AppendInput = {
  log,
  config: config({ ringSlots: 2, spillSlots: 1 }),
  command,
  prefix: 'p1',
  sight: undefined,
  expiredBefore: 0n,
};
const lost = { kind: 'indeterminate', cause: 'test' } as const;

function requestsOf(step: AppendStep): readonly LogRequest[] {
  return step.kind === 'ask' ? step.requests : [];
}

function reply(step: AppendStep, ...replies: readonly LogReply[]): AppendStep {
  if (step.kind !== 'ask') throw new Error('the machine has ended');
  return appendMachine.step(step.state, replies, false);
}

/** The machine after it found an empty log, put slot 0, and was not answered. */
function afterLostFirstPut(): AppendStep {
  const put = reply(
    reply(appendMachine.start(input), { kind: 'get-hint', outcome: done(undefined) }),
    { kind: 'query-slots', outcome: done([]) },
  );
  expect(requestsOf(put).map(({ kind }) => kind)).toEqual(['put-slot', 'put-hint']);
  return reply(
    put,
    { kind: 'put-slot', outcome: lost },
    { kind: 'put-hint', outcome: done(undefined) },
  );
}

// Found by exploration (scenario A1): it went on to slot 3, and the command was in the log twice.
test('after a lost put of the first slot that slot is checked, though it was overwritten', () => {
  const read = afterLostFirstPut();
  expect(requestsOf(read)).toMatchObject([{ kind: 'get-slot', position: 0 }]);
  const at = (seq: number) => ({ seq, offset: offset(BigInt(seq)) });
  const second: Slot = {
    seq: 2,
    snapshot: { ...genesis, end: at(2), spilled: at(1), groups: [at(2)] },
    commands: [data([run()])],
    bytes: 10,
    limit: 0,
  };
  const next = reply(read, { kind: 'get-slot', outcome: done(second) });
  expect(requestsOf(next)).toMatchObject([{ kind: 'get-group', at: { seq: 0, offset: 0n } }]);
});

test('an empty log whose first put was lost is tried again, under the same id', () => {
  const again = reply(afterLostFirstPut(), { kind: 'get-slot', outcome: done(undefined) });
  expect(requestsOf(again)).toMatchObject([
    { kind: 'put-slot', slot: { seq: 0, commands: [{ id: command.id }] } },
    { kind: 'put-hint' },
  ]);
});

test('when time is up with a copy under way, the answer is that nothing is known', () => {
  const read = afterLostFirstPut();
  if (read.kind !== 'ask') throw new Error('the machine has ended');
  const unanswered: LogReply = {
    kind: 'get-slot',
    outcome: { kind: 'unavailable', cause: 'test' },
  };
  const ended = appendMachine.step(read.state, [unanswered], true);
  expect(ended).toMatchObject({ kind: 'end', result: { kind: 'unknown' } });
});
