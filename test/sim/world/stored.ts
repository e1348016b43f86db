import { firstOpening, replay } from '../../../lib/core/log/slot.ts';
import type { Replayed } from '../../../lib/core/log/slot.ts';
import { buildGroup, runCount, runsOf } from '../../../lib/core/log/spill-group.ts';
import type { LogRun, SpillGroup } from '../../../lib/core/log/spill-group.ts';
import type { Item } from '../../../lib/ports/metadata-table.ts';
import { topicId } from '../../../lib/std/brands.ts';
import { goneTopicKey } from '../../../lib/store/gone-topic.ts';
import { decodeHint } from '../../../lib/store/hint.ts';
import { partitionPk } from '../../../lib/store/partition-pk.ts';
import { decodeProducer } from '../../../lib/store/producer.ts';
import { decodeSlot } from '../../../lib/store/slot.ts';
import { decodeGroup } from '../../../lib/store/spill-group.ts';
import type { Known } from './journal.ts';
import { recordsOf } from './journal.ts';
import { translated } from './newer-release.ts';
import type { World } from './world.ts';

/**
 * The stored state itself, after everything has come to rest: every item decodes, the groups and
 * the ring cover the log without a hole (I2) and say what was committed (I3), every object that
 * they name is there with every byte (I7), and of deleted topics nothing is left but stubs.
 */
export async function checkStored(world: World): Promise<void> {
  for (const { topic, topicId: id } of world.history.closings) {
    const left = await world.store.table.get(goneTopicKey(topicId(id)), { consistent: true });
    if (left.kind === 'done' && left.value === undefined) continue;
    world.wrong('unfinished deletion', `${topic} ${id}`);
  }
  for (const [name, known] of world.journal.logs) {
    const wrong = (rule: string, detail: string): void => world.wrong(rule, `${name}: ${detail}`);
    try {
      await checkLog(world, name, known, wrong);
    } catch (error) {
      wrong('stored state', String(error));
    }
  }
}

type Wrong = (rule: string, detail: string) => void;

async function checkLog(world: World, name: string, known: Known, wrong: Wrong): Promise<void> {
  const items = await itemsOf(world, known);
  const groups: SpillGroup[] = [];
  const slots: Replayed[] = [];
  let stubs = 0;
  for (const item of items) {
    if (item.sk === 'N') decodeHint(item);
    else if (item.sk.startsWith('PR#')) decodeProducer(item);
    else if (item.sk.startsWith('X#')) groups.push(decodeGroup(known.log, item));
    else {
      const slot = decodeSlot(known.log, translated(item));
      if (slot === 'stub') stubs += 1;
      else slots.push(replay(slot, world.mix.config));
    }
  }
  if (stubs > 0) {
    if (slots.length > 0) wrong('stored state', `stubs=${stubs} beside slots=${slots.length}`);
    return;
  }
  if (world.history.closings.some((closing) => closing.topicId === known.log.topicId)) {
    wrong('unfinished deletion', `slots=${slots.length} are no stubs`);
    return;
  }
  slots.sort((a, b) => a.slot.seq - b.slot.seq);
  const newest = slots.at(-1);
  const last = known.slots.at(-1);
  if (newest === undefined || newest.slot.seq !== last?.slot.seq) {
    wrong('stored state', `newest slot is ${newest?.slot.seq}, was ${last?.slot.seq}`);
    return;
  }
  const { spilled } = newest.head;
  const published = groups.filter(({ from }) => from.seq < spilled.seq);
  checkGroups(known, published, wrong);
  const ring = slots.filter(({ slot }) => slot.seq >= spilled.seq);
  if (ring.length !== newest.slot.seq - spilled.seq + 1) {
    wrong('I2', `the ring has ${ring.length} slots from ${spilled.seq} to ${newest.slot.seq}`);
  }
  await checkRuns(world, name, [...published.flatMap(({ runs }) => runs), ...ring.flatMap(runsOf)]);
}

async function itemsOf(world: World, { log }: Known): Promise<readonly Item[]> {
  const range = { from: '!', to: '~' };
  const options = { limit: 1_000, consistent: true };
  const page = await world.store.table.query(partitionPk(log), range, options);
  if (page.kind !== 'done' || page.value.next !== undefined) throw new Error('one page expected');
  return page.value.items;
}

/** Published groups adjoin, and each is what its slots were, but for where its bytes lie. */
function checkGroups(known: Known, groups: readonly SpillGroup[], wrong: Wrong): void {
  let next = firstOpening.snapshot.end;
  for (const group of groups) {
    if (group.from.seq !== next.seq || group.from.offset !== next.offset) {
      wrong('I2', `a group begins at slot ${group.from.seq}, expected ${next.seq}`);
    }
    next = group.to;
    const slots = known.slots.slice(group.from.seq, group.to.seq);
    const { group: expected } = buildGroup(slots, group.epoch, group.object);
    if (told(group) !== told(expected)) wrong('I3', `group ${told(group)} for ${told(expected)}`);
  }
  const spilled = known.slots.at(-1)?.head.spilled;
  if (next.seq !== spilled?.seq) wrong('I2', `groups end at ${next.seq} for ${spilled?.seq}`);
}

const told = (group: SpillGroup): string =>
  JSON.stringify(
    { ...group, runs: group.runs.map(({ baseOffset, content }) => [baseOffset, content]) },
    (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );

async function checkRuns(world: World, name: string, runs: readonly LogRun[]): Promise<void> {
  const commits = world.history.commits.filter(({ log }) => log === name);
  let next = 0n;
  for (const run of runs) {
    if (run.baseOffset !== next)
      world.wrong('I2', `${name}: a run at ${run.baseOffset}, not ${next}`);
    const records = await recordsOf(world.objects, run);
    if (typeof records === 'string') {
      world.wrong('I7', `${name}@${run.baseOffset}: ${records}`);
      return;
    }
    records.forEach(({ value, timestamp }, i) => {
      const commit = commits[Number(run.baseOffset) + i];
      if (commit?.value === value && commit.timestamp === timestamp) return;
      world.wrong('I3', `${name}@${run.baseOffset} + ${i} is ${value}, was ${commit?.value}`);
    });
    next = run.baseOffset + BigInt(runCount(run));
  }
  if (next !== BigInt(commits.length)) {
    world.wrong('I2', `${name}: stored to ${next}, committed to ${commits.length}`);
  }
}
