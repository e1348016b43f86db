/**
 * `npm run bench:groups`: how a group of consumers forms, beats, and gets over members that leave
 * and die, by the broker as it is, each member in a process of its own, on stores with the latency,
 * the capacity and the bill of AWS's, in virtual time. One seed always gives the same table.
 */
import { parseArgs } from 'node:util';
import { number } from '../report.ts';
import { Fleet } from './fleet.ts';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});

const sizes = [
  [3, 12],
  [10, 100],
  [100, 1_000],
] as const;

const seconds = (ms: number): string => `${number(ms / 1_000)} s`;

/** Requests since the last time this was asked, as one line. */
function spent(fleet: Fleet): { readonly text: string; readonly requests: number } {
  const { calls } = fleet;
  fleet.calls = [];
  const sum = (of: (call: (typeof calls)[number]) => number): number =>
    calls.reduce((total, call) => total + of(call), 0);
  const throttled = calls.filter(({ outcome }) => outcome === 'throttled').length;
  const failed = calls.filter(({ outcome }) => outcome.startsWith('condition')).length;
  const read = number(sum(({ readUnits }) => readUnits));
  const written = number(sum(({ writeUnits }) => writeUnits));
  return {
    requests: calls.length,
    text: `${calls.length} requests, ${read} units read, ${written} written, ${failed} races lost, ${throttled} throttled`,
  };
}

/** Until all is served again, ms, after something that takes partitions from who serves them. */
async function gap(fleet: Fleet, happen: () => void): Promise<number> {
  const { scheduler } = fleet;
  happen();
  const atMs = scheduler.nowMs;
  await fleet.until(() => fleet.isServed);
  return scheduler.nowMs - atMs;
}

const spread = (all: readonly number[]): string =>
  `${seconds(Math.min(...all))} … ${seconds(Math.max(...all))}, mean ${seconds(all.reduce((sum, ms) => sum + ms, 0) / all.length)}`;

async function measure(members: number, partitions: number, beatMs: number): Promise<void> {
  console.log(
    `\n${members} members, ${partitions} partitions, a heartbeat every ${seconds(beatMs)}`,
  );
  const fleet = new Fleet(partitions, beatMs, Number(options.seed));
  await fleet.createTopic();
  spent(fleet);
  const from = fleet.scheduler.nowMs;
  fleet.start(members);
  await fleet.until(() => fleet.alive.every(({ intervalMs }) => intervalMs > 0));
  const joined = fleet.scheduler.nowMs - from;
  await fleet.until(() => fleet.isStable);
  const stable = fleet.scheduler.nowMs - from;
  const refused = fleet.members.reduce((sum, member) => sum + member.refused, 0);
  console.log(
    `  all at once: all have joined after ${seconds(joined)}, stable after ${seconds(stable)}`,
  );
  console.log(`    ${spent(fleet).text}; ${refused} calls sent again`);

  const beats = () => fleet.members.reduce((sum, member) => sum + member.beats, 0);
  await fleet.pass(120_000);
  spent(fleet);
  const before = beats();
  await fleet.pass(600_000);
  const steady = spent(fleet);
  const calls = beats() - before;
  console.log(
    `  ten minutes of ${calls} heartbeats: ${number(steady.requests / calls)} requests each`,
  );
  console.log(`    ${steady.text}`);

  const leaves: number[] = [];
  const deaths: number[] = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const how of ['leave', 'death'] as const) {
      fleet.start(1);
      await fleet.until(() => fleet.isStable);
      // Not always at the same moment of its beats.
      await fleet.pass(20_000 + round * 2_700);
      const [one] = fleet.alive.slice(round % members);
      if (one === undefined || one.owned.length === 0) throw new Error('expected a busy member');
      const found = await gap(fleet, () => {
        if (how === 'leave') void one.leave();
        else Object.assign(one, { isDead: true, owned: [] });
      });
      (how === 'leave' ? leaves : deaths).push(found);
      await fleet.until(() => fleet.isStable);
    }
  }
  console.log(`  after a clean leave all is served again in ${spread(leaves)}`);
  console.log(`  after a death, session 45 s, in ${spread(deaths)}`);
}

for (const [members, partitions] of sizes) {
  if (!`${members} members`.includes(options.only)) continue;
  // As the client does by default, and as seldom as a member may.
  for (const beatMs of [5_000, 15_000]) await measure(members, partitions, beatMs);
}
