import { joinGroup } from '../../core/group/join.ts';
import type { BrokerContext } from '../context.ts';
import type { Heartbeat, HeartbeatInput } from '../group-types.ts';
import { answer, computeAnew, named, runBeat, silent } from './beat.ts';
import { joinerOf, topicsFor } from './joiner.ts';
import { afterWrite, announceAgain, succeeded } from './refuse.ts';

/** Joins, and tells what there is to own at once. A join that is sent again finds its member. */
export async function join(context: BrokerContext, input: HeartbeatInput): Promise<Heartbeat> {
  const { groups } = context.engine;
  const { group, memberId } = input;
  const joiner = joinerOf(input, groups.nowMs());
  const list = await topicsFor(context, joiner.subscription);
  await groups.list.announce(group);
  const asked = { ...groups.rebalanceInput(group, list), joiner };
  const joined = succeeded(await groups.run(joinGroup, asked), input);
  await announceAgain(context, group);
  if (joined.rebalance) await computeAnew(context, group, list);
  const told = await runBeat(context, input, silent(0)).catch(afterWrite(memberId));
  return answer(told, await named(context, told, list), []);
}
