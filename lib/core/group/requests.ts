import type { ConditionalOutcome, Done, ReadOutcome, WriteOutcome } from '../../ports/outcome.ts';
import type { PartitionKey } from '../log/partition-key.ts';
import type { pause } from '../log/requests.ts';
import type { GroupState, Member, MemberKey, Ownership, Target } from './group.ts';

/** What a machine of a group may ask for. All reads are strong. */
export type GroupRequest =
  | { readonly kind: 'get-state'; readonly group: string }
  /** Puts it on the version before, which is its epoch less 1; where nothing lies for epoch 1. */
  | { readonly kind: 'put-state'; readonly state: GroupState }
  /** In one transaction: as `put-state`, and puts the member where nothing lies. */
  | { readonly kind: 'join'; readonly state: GroupState; readonly member: Member }
  /** All parts of a target; undefined if one of them is not there. */
  | {
      readonly kind: 'get-target';
      readonly group: string;
      readonly epoch: number;
      readonly id: string;
    }
  /** Puts all parts under an id that nobody has used. */
  | { readonly kind: 'put-target'; readonly target: Target }
  | {
      readonly kind: 'delete-target';
      readonly group: string;
      readonly epoch: number;
      readonly id: string;
    }
  /** All targets of epochs up to this one of which any part is there. */
  | { readonly kind: 'query-targets'; readonly group: string; readonly upTo: number }
  /** The item of this name with the highest join epoch. */
  | { readonly kind: 'find-member'; readonly group: string; readonly name: string }
  | { readonly kind: 'get-member'; readonly group: string; readonly key: MemberKey }
  /** All of the group, in any order of time: not a snapshot. */
  | { readonly kind: 'query-members'; readonly group: string }
  /** Puts it on the version before; never where nothing lies. */
  | { readonly kind: 'put-member'; readonly member: Member }
  /** Deletes it on this version. */
  | { readonly kind: 'delete-member'; readonly member: Member }
  | { readonly kind: 'get-ownership'; readonly group: string; readonly of: PartitionKey }
  /** All of the group: not a snapshot. */
  | { readonly kind: 'query-ownerships'; readonly group: string }
  /** Puts it on the version before; where nothing lies for version 0. */
  | { readonly kind: 'put-ownership'; readonly ownership: Ownership }
  | typeof pause;

export interface GroupOutcomes {
  'get-state': ReadOutcome<GroupState | undefined>;
  'put-state': ConditionalOutcome<undefined, GroupState>;
  join: WriteOutcome<undefined> | { readonly kind: 'conflict' | 'conditions-failed' };
  'get-target': ReadOutcome<Target | undefined>;
  'put-target': WriteOutcome<undefined>;
  'delete-target': WriteOutcome<undefined>;
  'query-targets': ReadOutcome<readonly Pick<Target, 'epoch' | 'id'>[]>;
  'find-member': ReadOutcome<Member | undefined>;
  'get-member': ReadOutcome<Member | undefined>;
  'query-members': ReadOutcome<readonly Member[]>;
  'put-member': ConditionalOutcome<undefined, Member>;
  'delete-member': ConditionalOutcome<undefined, Member>;
  'get-ownership': ReadOutcome<Ownership | undefined>;
  'query-ownerships': ReadOutcome<readonly Ownership[]>;
  'put-ownership': ConditionalOutcome<undefined, Ownership>;
  wait: Done<undefined>;
}

export type GroupReply = {
  [Kind in keyof GroupOutcomes]: { readonly kind: Kind; readonly outcome: GroupOutcomes[Kind] };
}[keyof GroupOutcomes];

/** The values of requests of one kind, in their order; undefined unless all of them ended well. */
export function valuesOf<Kind extends ReadKind>(
  replies: readonly GroupReply[],
  kind: Kind,
): readonly ValueOf<Kind>[] | undefined {
  const values: ValueOf<Kind>[] = [];
  for (const reply of replies) {
    if (reply.kind !== kind) continue;
    if (reply.outcome.kind !== 'done') return undefined;
    values.push(reply.outcome.value);
  }
  return values;
}

type ReadKind = {
  [Kind in keyof GroupOutcomes]: GroupOutcomes[Kind] extends ReadOutcome<infer _> ? Kind : never;
}[keyof GroupOutcomes];
type ValueOf<Kind extends ReadKind> = Extract<
  GroupOutcomes[Kind],
  { readonly kind: 'done' }
>['value'];
