import { assignorNamed } from '../../core/group/assign.ts';
import { groupBounds } from '../../core/group/bounds.ts';
import { memberName } from '../../core/group/group.ts';
import type { AssignorName, Subscription } from '../../core/group/group.ts';
import { compilePattern } from '../../core/group/pattern.ts';
import type { Joiner } from '../../core/group/rebalance.ts';
import { subscribedNames } from '../../core/group/subscription.ts';
import { validateTopicName } from '../../core/topic/topic-name.ts';
import type { TopicList } from '../../engine/topic-views.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerContext } from '../context.ts';
import type { HeartbeatInput } from '../group-types.ts';
import { checkInteger } from './checks.ts';

const rebalanceMsDefault = 300_000;

/** The member that a join asks for, at this time of the store. */
export function joinerOf(input: HeartbeatInput, nowMs: number): Joiner {
  const { group, memberId, instanceId, clientId = '', clientHost = '' } = input;
  const { sessionTimeoutMs = groupBounds.sessionMsDefault } = input;
  const { rebalanceTimeoutMs = rebalanceMsDefault } = input;
  if (input.subscription === undefined) {
    throw new ProtocolError('INVALID_REQUEST', 'expected a subscription with a join, got none');
  }
  if (input.offsets !== undefined && input.offsets.length > 0) {
    const message = `expected no offsets with a join, got count=${input.offsets.length}`;
    throw new ProtocolError('INVALID_REQUEST', message);
  }
  checkSession(sessionTimeoutMs);
  checkInteger('rebalance_timeout_ms', rebalanceTimeoutMs, 1, groupBounds.rebalanceMsMax);
  checkText('client_id', clientId);
  checkText('client_host', clientHost);
  return {
    name: memberName(memberId, instanceId),
    group,
    memberId,
    clientId,
    clientHost,
    subscription: subscriptionOf(input.subscription),
    assignor: assignorOf(input.assignor),
    sessionMs: sessionTimeoutMs,
    rebalanceMs: rebalanceTimeoutMs,
    beatMs: nowMs,
  };
}

function checkSession(ms: number): void {
  const { sessionMsMin: min, sessionMsMax: max } = groupBounds;
  if (Number.isInteger(ms) && ms >= min && ms <= max) return;
  const message = `expected ${min} to ${max} ms, session_timeout_ms=${ms}`;
  throw new ProtocolError('INVALID_SESSION_TIMEOUT', message);
}

function checkText(what: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (text.isWellFormed() && bytes <= groupBounds.nameBytesMax) return;
  const expected = `expected text of at most ${groupBounds.nameBytesMax} bytes`;
  throw new ProtocolError('INVALID_REQUEST', `${expected}, ${what} bytes=${bytes}`);
}

function assignorOf(name: string | undefined): AssignorName | undefined {
  if (name === undefined) return undefined;
  const known = assignorNamed(name);
  if (known !== undefined) return known;
  throw new ProtocolError(
    'UNSUPPORTED_ASSIGNOR',
    `expected uniform, range, round-robin or sticky, assignor=${JSON.stringify(name)}`,
  );
}

/** INVALID_TOPIC_EXCEPTION, INVALID_REGULAR_EXPRESSION, INVALID_REQUEST. */
export function subscriptionOf(of: NonNullable<HeartbeatInput['subscription']>): Subscription {
  if ('pattern' in of) {
    const { pattern } = of;
    const compiled = compilePattern(pattern);
    if (compiled.kind === 'pattern') return { kind: 'pattern', pattern };
    const message = `${compiled.message} pattern=${JSON.stringify(pattern.slice(0, 100))}`;
    throw new ProtocolError('INVALID_REGULAR_EXPRESSION', message);
  }
  for (const name of of) {
    const wrong = validateTopicName(name);
    if (wrong !== undefined) throw new ProtocolError(wrong.error, wrong.message);
  }
  const subscription = subscribedNames(of);
  const bytes = of.reduce((sum, name) => sum + name.length + 1, 0);
  const max = groupBounds.subscriptionBytesMax;
  if (bytes <= max) return subscription;
  const expected = `expected names of at most ${max} bytes in all, bytes=${bytes}`;
  throw new ProtocolError('INVALID_REQUEST', `${expected}; subscribe by a pattern`);
}

/**
 * A recent list of topics, with all that it names if there are such topics. What a pattern matches
 * is looked up: a member that is alone looks again only when it writes its beat.
 */
export function topicsFor(
  { engine }: BrokerContext,
  subscription: Subscription,
): Promise<TopicList> {
  const { topics } = engine.groups;
  if (subscription.kind === 'pattern') return topics.fresh();
  const { names } = subscription;
  return topics.recent(({ byName }) => names.every((name) => byName.has(name)));
}
