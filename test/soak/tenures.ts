import type { MemberHistory } from './events.ts';

/** One partition at one member, from the moment it came until it went. */
export interface Tenure {
  readonly member: MemberHistory;
  readonly partition: number;
  readonly from: number;
  /** Infinity if it never went: the process ended first, or the soak. */
  to: number;
  end: 'revoked' | 'lost' | undefined;
  /** The offset of the first record that was handed out; undefined if none was. */
  begin: number | undefined;
  /** Of the next record, as acknowledged to this member. */
  committed: number;
  readonly batches: Batch[];
}

interface Batch {
  readonly t: number;
  readonly offset: number;
  readonly names: readonly number[];
}

/** `tell` hears of what no member may do. */
export function tenuresOf(member: MemberHistory, tell: (text: string) => void): Tenure[] {
  const all: Tenure[] = [];
  const open = new Map<number, Tenure>();
  const close = (partition: number, t: number, end: 'revoked' | 'lost'): void => {
    const tenure = open.get(partition);
    open.delete(partition);
    if (tenure !== undefined) Object.assign(tenure, { to: t, end });
  };
  for (const event of member.events) {
    if (event.e === 'assigned') {
      for (const partition of event.of) {
        if (open.has(partition)) tell(`${member.name} got ${partition} while it had it`);
        const tenure = opened(member, partition, event.t);
        open.set(partition, tenure);
        all.push(tenure);
      }
    } else if (event.e === 'revoked' || event.e === 'lost') {
      for (const partition of event.of) close(partition, event.t, event.e);
    } else if (event.e === 'committed') {
      for (const [partition, offset] of event.of) {
        const tenure = open.get(partition);
        if (tenure !== undefined) tenure.committed = Math.max(tenure.committed, offset);
      }
    } else if (event.e === 'seen') {
      const { t, p, o, n } = event;
      const tenure = open.get(p);
      if (tenure === undefined) tell(`${member.name} was handed ${p}@${o}, which it did not have`);
      else add(tenure, { t, offset: o, names: n }, tell);
    }
  }
  return all;
}

const opened = (member: MemberHistory, partition: number, from: number): Tenure => ({
  member,
  partition,
  from,
  to: Infinity,
  end: undefined,
  begin: undefined,
  committed: 0,
  batches: [],
});

/** Within a tenure nothing is left out, and nothing comes twice. */
function add(tenure: Tenure, batch: Batch, tell: (text: string) => void): void {
  const last = tenure.batches.at(-1);
  const next = last === undefined ? batch.offset : last.offset + last.names.length;
  tenure.begin ??= batch.offset;
  if (batch.offset !== next) {
    tell(`${tenure.member.name} was handed ${tenure.partition}@${batch.offset} instead of ${next}`);
  }
  tenure.batches.push(batch);
}
