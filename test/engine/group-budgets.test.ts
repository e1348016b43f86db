import { afterAll, expect, test } from 'vitest';
import { settle, TestMember } from '../broker/groups/setup.ts';
import { World } from './budget-world.ts';
import type { Bill } from './counting.ts';

/** The budgets of docs/adr/0013-consumer-groups.md, in requests and in what DynamoDB would bill. */
const measured: [what: string, budget: string, found: string][] = [];
afterAll(() => {
  const widths = [0, 1].map((i) => Math.max(...measured.map((row) => (row[i] ?? '').length)));
  const lines = measured.map((row) =>
    row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | '),
  );
  console.log(['what | budget | measured', ...lines].join('\n'));
});

const note = (what: string, budget: string, { reads, writes, readUnits, writeUnits }: Bill): void =>
  void measured.push([
    what,
    budget,
    `${reads} reads (${readUnits} u) + ${writes} writes (${writeUnits} u)`,
  ]);

const group = 'g';
const topic = 't';

/** A group of so many members on so many partitions, settled. */
async function settled(members: number, partitions: number) {
  const world = new World();
  const { broker } = world.start();
  await broker.createTopic({ name: topic, partitions });
  const all = Array.from(
    { length: members },
    (_, i) => new TestMember(broker, { group, memberId: `member-${i}`, subscription: [topic] }),
  );
  for (const each of all) await each.join();
  await settle(all, 200);
  return { world, broker, all };
}

test('a heartbeat when nothing has changed: 2 reads, and 1 write per third of a session', async () => {
  const { world, all } = await settled(20, 20);
  const [one] = all as [TestMember];
  // With a beat that is due, what was given up is dropped.
  world.clock.ms += 15_000;
  await one.beat();
  world.clock.ms += 14_999;
  const bills: Bill[] = [];
  for (let i = 0; i < 200; i += 1) bills.push(await world.bill(() => one.beat()));
  const quiet = bills.filter(({ reads }) => reads === 2);
  // The others look around: one in twenty.
  expect(quiet.length).toBeGreaterThan(170);
  expect(quiet.length).toBeLessThan(200);
  expect(bills.every(({ writes }) => writes === 0)).toBe(true);
  expect(quiet.every(({ readUnits }) => readUnits === 2)).toBe(true);
  note('heartbeat, nothing changed', '2 reads', quiet[0] as Bill);
  // The list of topics is read once in ten seconds, for all groups.
  const looks = bills.filter(({ reads }) => reads > 2);
  expect(looks.map(({ reads }) => reads)).toEqual([6, ...looks.slice(1).map(() => 5)]);
  const looking = looks.at(-1) as Bill;
  note('  with a look at 20 members', '5 reads', looking);
  world.clock.ms += 1;
  const due = await world.bill(() => one.beat());
  expect(due.writes).toBe(1);
  expect(due.writeUnits).toBe(1);
  note('  beat due', '1 write', due);
  expect((await world.bill(() => one.beat())).writes).toBe(0);
});

test('a commit of 40 partitions: 1 write of 1 unit, and 1 read unless the item is known', async () => {
  const { world, broker, all } = await settled(1, 40);
  const [one] = all as [TestMember];
  await one.beat();
  const known = await world.bill(() => one.commit(9_000_000n));
  expect([known.reads, known.writes]).toEqual([0, 1]);
  expect(known.writeUnits).toBe(1);
  note('commit, 40 partitions, item known', '1 write', known);
  const fresh = world.start().broker;
  const offsets = one.owned.map((at) => ({ ...at, offset: 9_000_001n }));
  const member = { memberId: 'member-0', memberEpoch: one.epoch };
  // Its list of topics, which is one for ten seconds.
  await fresh.fetchOffsets({ group: 'other' });
  const read = await world.bill(() =>
    fresh.commitOffsets({ group, member, offsets, commitNumber: 100 }),
  );
  expect([read.reads, read.writes, read.failedWrites]).toEqual([1, 1, 0]);
  note('  by another process', '1 read + 1 write', read);
  expect(broker).not.toBe(fresh);
});

test('a join into a settled group, and the rebalance that follows', async () => {
  const { world, broker, all } = await settled(10, 100);
  const joining = new TestMember(broker, { group, memberId: 'member-x', subscription: [topic] });
  const join = await world.bill(() => joining.join());
  // The target; `STATE` and the member in one; the target before goes.
  expect(join.of('put G').requests).toBe(1);
  expect(join.of('transact of 2').requests).toBe(1);
  expect(join.of('delete G').requests).toBe(1);
  expect(join.writes).toBe(3);
  note('join, group of 10 with 100 partitions', '1 + 1 transaction (+ 1 delete)', join);
  const before = new Map(all.map((each) => [each, each.names.length]));
  const rest = await world.bill(() => settle([...all, joining]));
  const losers = all.filter((each) => each.names.length < (before.get(each) ?? 0)).length;
  const moved = joining.names.length;
  expect(moved).toBe(9);
  const budget = 2 * (losers + 1) + moved + 2;
  expect(rest.writes).toBeLessThanOrEqual(budget);
  expect(rest.failedWrites).toBe(0);
  note(`  then 9 partitions move, ${losers} lose some`, `${budget} writes`, rest);
});

test('a leave, and the rebalance that follows', async () => {
  const { world, all } = await settled(10, 100);
  const [leaving, ...others] = all as [TestMember, ...TestMember[]];
  const moved = leaving.names.length;
  const leave = await world.bill(() => leaving.leave());
  // Its item, the target, `STATE`; the target before goes.
  expect(leave.writes).toBe(4);
  note('leave, group of 10 with 100 partitions', '3 (+ 1 delete)', leave);
  const rest = await world.bill(() => settle(others));
  const budget = 2 * others.length + moved + 2;
  expect(rest.writes).toBeLessThanOrEqual(budget);
  note(`  then ${moved} partitions move to ${others.length}`, `${budget} writes`, rest);
});

test('offsets: of a member, of all partitions, and without membership', async () => {
  const { world, broker, all } = await settled(10, 40);
  for (const each of all) await each.commit(5n);
  const partitions = all.flatMap(({ owned }) => owned);
  const fetched = await world.bill(() => broker.fetchOffsets({ group, partitions }));
  expect(fetched.writes).toBe(0);
  expect(fetched.reads).toBe(3);
  note('OffsetFetch of 40 partitions', '2 queries, 1 read per topic', fetched);
  const few = await world.bill(() =>
    broker.fetchOffsets({ group, partitions: partitions.slice(0, 3) }),
  );
  expect(few.reads).toBe(1 + 1 + 3);
  note('OffsetFetch of 3 partitions', '1 query + 3 reads, 1 per topic', few);
  const every = await world.bill(() => broker.fetchOffsets({ group }));
  expect([every.reads, every.writes]).toEqual([5, 0]);
  note('OffsetFetch of all', '5 reads', every);
  const offsets = [{ topic, partition: 0, offset: 7n }];
  const alone = { group: 'without members', offsets };
  await broker.commitOffsets(alone);
  const commit = await world.bill(() => broker.commitOffsets(alone));
  expect([commit.reads, commit.writes, commit.writeUnits]).toEqual([5, 1, 1]);
  note('commit without membership', '5 reads + 1 write', commit);
});
