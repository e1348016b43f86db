import { joinGroup } from '../../core/group/join.ts';
import type { BrokerContext } from '../context.ts';
import type { Heartbeat, HeartbeatInput } from '../group-types.ts';
import { answer, computeAnew, named, runBeat, silent } from './beat.ts';
import { joinerOf, topicsFor } from './joiner.ts';
import { announceAgain, outOfTime, refused } from './refuse.ts';

/** Joins, and tells what there is to own at once. A join that is sent again finds its member. */
export async function join(context: BrokerContext, input: HeartbeatInput): Promise<Heartbeat> {
  const { groups } = context.engine;
  const { group, memberId } = input;
  const joiner = joinerOf(input, groups.nowMs());
  const list = await topicsFor(context, joiner.subscription);
  await groups.list.announce(group);
  const joined = await groups.run(joinGroup, { ...groups.rebalanceInput(group, list), joiner });
  if (joined.kind === 'refused') throw refused(joined.reason, group);
  if (joined.kind === 'expired') throw outOfTime(joined.sent, memberId);
  await announceAgain(context, group);
  if (joined.rebalance) await computeAnew(context, group, list);
  const told = await runBeat(context, input, silent(0));
  return answer(told, await named(context, told, list), []);
}
