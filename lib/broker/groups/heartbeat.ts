/**
 * API: ConsumerGroupHeartbeat (key 68, KIP-848), with the offsets of what is given up.
 *
 * Behaviour: joins (epoch 0), beats and moves the assignment on, leaves (−1), or leaves for a while
 * (−2, a static member). Now and then, by chance, whoever beats looks at all members: evicts,
 * computes the assignment anew, tidies up.
 * Deviations from Kafka: offsets come with what is given up and go with what is assigned; a static
 * member's newcomer wins (docs/adr/0013-consumer-groups.md).
 * Store requests: nothing changed: two reads, and a put per third of a session. For the rest see
 * `heartbeat.ts`, `join.ts`, `leave.ts` and `look-around.ts` of `lib/core/group`.
 */
import type { BrokerContext } from '../context.ts';
import type { Heartbeat, HeartbeatInput } from '../group-types.ts';
import { beat } from './beat.ts';
import { checkCommitNumber, checkGroup, checkInteger, checkMember } from './checks.ts';
import { join } from './join.ts';
import { leave, leaveForAWhile } from './leave.ts';

const leaves = -1;
const leavesForAWhile = -2;

export async function heartbeat(context: BrokerContext, input: HeartbeatInput): Promise<Heartbeat> {
  checkGroup(input.group);
  checkMember(input.memberId, input.instanceId);
  checkCommitNumber(input.commitNumber);
  checkInteger('member_epoch', input.memberEpoch, leavesForAWhile, Number.MAX_SAFE_INTEGER);
  switch (input.memberEpoch) {
    case leaves:
      return leave(context, input);
    case leavesForAWhile:
      return leaveForAWhile(context, input);
    case 0:
      return join(context, input);
    default:
      return beat(context, input);
  }
}
