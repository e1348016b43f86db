/** What a member writes down, a line each, before it does anything that follows from it. */
export type MemberEvent = { readonly t: number } & (
  | { readonly e: 'assigned' | 'revoked' | 'lost'; readonly of: readonly number[] }
  /** Adjoining records of one partition, handed to the member: the offset of the first, all names. */
  | { readonly e: 'seen'; readonly p: number; readonly o: number; readonly n: readonly number[] }
  /** Acknowledged: partition and offset of the next record. */
  | { readonly e: 'committed'; readonly of: readonly (readonly [number, number])[] }
  /** A commit that was not acknowledged. */
  | { readonly e: 'refused'; readonly error: string }
  /** It heeds signals; it has left the group. */
  | { readonly e: 'ready' | 'left' }
);

/** What was done to a member. */
export interface Fault {
  readonly kind: 'killed' | 'frozen' | 'stopped';
  /** ms since 1970, as all times. */
  readonly t: number;
}

/** When the server did not answer. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/** One process, from its start to its end. */
export interface MemberHistory {
  readonly name: string;
  /** Its client commits by itself: what was acknowledged, and what was not, is not written down. */
  readonly isAuto: boolean;
  readonly events: readonly MemberEvent[];
  readonly faults: readonly Fault[];
}
