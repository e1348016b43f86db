import type { Verdict } from '../../../lib/core/log/command.ts';
import type { ReadResult } from '../../../lib/core/log/read-machine.ts';
import { runCount } from '../../../lib/core/log/spill-group.ts';
import type { LogRun } from '../../../lib/core/log/spill-group.ts';
import { offset as asOffset } from '../../../lib/std/brands.ts';
import type { Offset } from '../../../lib/std/brands.ts';
import { bytesOf, decisive, runsOfAll } from './check-world.ts';
import { demand } from './violation.ts';
import type { Checks, Promises } from './check-world.ts';
import type { Process, Told } from './process.ts';
import type { World } from './world.ts';

/** Checks what a process is told against all that was ever put, and notes what it promises. */
export function checkTold(
  checks: Checks,
  world: World,
  process: Process,
  told: Told,
  promises: Promises,
): Promises {
  switch (told.kind) {
    case 'append':
      return checkAppend(checks, world, told, promises);
    case 'read':
      checkRead(world, process, told.offset, told.result);
      return promises;
    case 'other':
      return promises;
  }
}

function checkAppend(
  { interner, reads }: Checks,
  world: World,
  { command, result }: Extract<Told, { kind: 'append' }>,
  promises: Promises,
): Promises {
  const entries = world.history
    .flatMap(decisive)
    .filter((entry) => entry.command.id === command.id);
  const accepted = entries.find(({ verdicts }) => verdicts.some(({ kind }) => kind === 'accepted'));
  switch (result.kind) {
    case 'decided': {
      const number = interner.number(result.verdicts);
      const stands = entries.some(({ verdicts }) => interner.number(verdicts) === number);
      demand(stands, 'told means told', `id=${command.id} was told what does not stand`);
      for (const [i, verdict] of result.verdicts.entries()) {
        checkDuplicate(world, command.kind === 'data' ? command.runs[i]?.crc : undefined, verdict);
      }
      const isAccepted = result.verdicts.some(({ kind }) => kind === 'accepted');
      const isFloor = ({ kind, ...rest }: Verdict): boolean =>
        kind === 'refused' && 'reason' in rest && rest.reason === 'floor';
      const refused = command.kind === 'data' && result.verdicts.some(isFloor);
      demand(!refused, 'what the floor refused is staged again', `id=${command.id}`);
      if (!isAccepted) {
        const closed = promises.closed || command.kind === 'close';
        return { ...never(promises, command.id, Infinity, accepted !== undefined), closed };
      }
      const [first] = entries.filter((entry) => interner.number(entry.verdicts) === number);
      const opens = world.history.some(
        (slot) => slot.entries.find((entry) => entry.command.kind !== 'spill') === first,
      );
      demand(!result.opened || opens, 'opened only if it did', `id=${command.id}`);
      if (!reads) return promises;
      const ends = result.verdicts.map((verdict, i) => endOf(command, verdict, i));
      const acknowledged = ends.reduce(
        (max, end) => (end > max ? end : max),
        promises.acknowledged,
      );
      return { ...promises, acknowledged };
    }
    case 'not-committed':
      return never(promises, command.id, Infinity, accepted !== undefined);
    case 'closed': {
      const next = never(promises, command.id, Infinity, accepted !== undefined);
      return { ...next, closed: true };
    }
    case 'restage': {
      const epoch = accepted?.command.kind === 'data' ? accepted.command.epoch : undefined;
      const broken = accepted !== undefined && (epoch === undefined || epoch < result.floor);
      return never(promises, command.id, result.floor, broken);
    }
    case 'unknown':
      return promises;
  }
}

function never(promises: Promises, id: string, floor: number, broken: boolean): Promises {
  demand(!broken, 'told means told', `id=${id} was told not committed, and is`);
  const before = promises.never.get(id) ?? 0;
  if (before >= floor) return promises;
  return { ...promises, never: new Map(promises.never).set(id, floor) };
}

function endOf(command: { readonly kind: string }, verdict: Verdict, i: number): Offset {
  if (verdict.kind !== 'accepted') return asOffset(0n);
  const { runs } = command as { runs?: readonly { readonly count: number }[] };
  return asOffset(verdict.baseOffset + BigInt(runs?.[i]?.count ?? 1));
}

/** What is called a duplicate is in the log, at the offset that is told. */
function checkDuplicate(world: World, crc: number | undefined, verdict: Verdict): void {
  if (verdict.kind !== 'duplicate') return;
  const there = runsOfAll(world).some(
    ({ baseOffset, content }) =>
      baseOffset === verdict.baseOffset && content.kind === 'run' && content.run.crc === crc,
  );
  demand(there, 'I5 a duplicate is of what is there', `offset=${verdict.baseOffset}`);
}

function checkRead(world: World, process: Process, wanted: Offset, result: ReadResult): void {
  const isClosed = world.history.at(-1)?.head.closed === true || world.ring.includes('stub');
  switch (result.kind) {
    case 'read': {
      const { head, runs } = result;
      const strong = head.end.offset >= process.acknowledged;
      demand(strong, 'a head is strong', `end=${head.end.offset} told=${process.acknowledged}`);
      checkRuns(world, wanted, runs);
      const ends = runs.length > 0 || wanted === head.end.offset;
      demand(ends, 'nothing is skipped', `nothing read at offset=${wanted}`);
      return;
    }
    case 'out-of-range': {
      const within = wanted >= result.head.start && wanted <= process.acknowledged;
      demand(!within, 'I10 out of range only if it is', `offset=${wanted}`);
      return;
    }
    case 'closed':
      demand(isClosed, 'closed only if it is', `offset=${wanted}`);
      return;
    case 'expired':
      demand(process.expired, 'expired only if it is', `offset=${wanted}`);
      return;
    case 'missing':
      demand(false, 'I10 nothing is missing', result.what);
  }
}

/** I3: what is read is what was committed, in order, from the offset asked for. */
function checkRuns(world: World, wanted: Offset, runs: readonly LogRun[]): void {
  let next = wanted;
  const all = runsOfAll(world);
  for (const [i, run] of runs.entries()) {
    const end = asOffset(run.baseOffset + BigInt(runCount(run)));
    const adjoins = i === 0 ? run.baseOffset <= next && next < end : run.baseOffset === next;
    demand(adjoins, 'nothing is skipped', `base=${run.baseOffset} wanted=${next}`);
    const put = all.find(({ baseOffset }) => baseOffset === run.baseOffset);
    const [mine, theirs] = [run.content, put?.content];
    const same =
      mine.kind === 'run' && theirs?.kind === 'run'
        ? mine.run.crc === theirs.run.crc &&
          mine.run.count === theirs.run.count &&
          bytesOf(world, mine.run.place)?.readUInt32BE(0) === theirs.run.crc
        : mine.kind === theirs?.kind;
    const epochs = run.leaderEpoch === put?.leaderEpoch;
    demand(same && epochs, 'I3 reads return what was committed', `offset=${run.baseOffset}`);
    next = end;
  }
}
