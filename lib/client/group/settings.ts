import { hostname } from 'node:os';
import type { AssignorName } from '../../core/group/group.ts';
import { groupBounds } from '../../core/group/bounds.ts';
import { bounded, msMax, oneOf } from '../bounded.ts';
import type { GroupConsumerOptions } from '../group-types.ts';
import { ProtocolError } from '../../protocol/errors.ts';

/** What a member says of itself, checked, with the defaults in. */
export interface MemberSettings {
  readonly group: string;
  readonly instanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignor: AssignorName | undefined;
  /** Undefined: by hand only. */
  readonly autoCommitIntervalMs: number | undefined;
}

type MemberOptions = Pick<
  GroupConsumerOptions<never, never>,
  | 'group'
  | 'instanceId'
  | 'clientId'
  | 'assignor'
  | 'sessionTimeoutMs'
  | 'rebalanceTimeoutMs'
  | 'heartbeatIntervalMs'
  | 'autoCommit'
  | 'autoCommitIntervalMs'
>;

const assignors: readonly AssignorName[] = ['range', 'round-robin', 'sticky', 'uniform'];

/** INVALID_CONFIG for an option out of its bounds. */
export function memberSettings(options: MemberOptions): MemberSettings {
  const { group, instanceId, clientId = 'tailrace', assignor } = options;
  const { sessionTimeoutMs = groupBounds.sessionMsDefault, rebalanceTimeoutMs = 300_000 } = options;
  const { heartbeatIntervalMs = 5_000, autoCommit = true, autoCommitIntervalMs = 5_000 } = options;
  const { sessionMsMin, sessionMsMax, rebalanceMsMax } = groupBounds;
  const commitMs = bounded('autoCommitIntervalMs', autoCommitIntervalMs, 0, msMax);
  return {
    group: named('group', group),
    instanceId: instanceId === undefined ? undefined : named('instanceId', instanceId),
    clientId,
    clientHost: hostname(),
    sessionTimeoutMs: bounded('sessionTimeoutMs', sessionTimeoutMs, sessionMsMin, sessionMsMax),
    rebalanceTimeoutMs: bounded('rebalanceTimeoutMs', rebalanceTimeoutMs, 1, rebalanceMsMax),
    heartbeatIntervalMs: bounded('heartbeatIntervalMs', heartbeatIntervalMs, 1, sessionTimeoutMs),
    assignor: assignor === undefined ? undefined : oneOf('assignor', assignor, assignors),
    autoCommitIntervalMs: autoCommit ? commitMs : undefined,
  };
}

/** A group of no name would be nobody's. */
function named(option: string, name: string): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new ProtocolError('INVALID_CONFIG', `expected a name for ${option}, got ${option}=${name}`);
}
