import type { GroupEvent } from './group-history.ts';

type Of<Kind extends GroupEvent['kind']> = Extract<GroupEvent, { readonly kind: Kind }>;
type PartitionEvent = Extract<GroupEvent, { readonly log: string }>;

/** A member's item says so of one partition. */
interface Entry {
  readonly a: number;
  offset: bigint | undefined;
  released: boolean;
  n: number;
}

/** What the items of a group say of one partition. */
export interface PartitionLedger {
  a: number;
  owner: string | undefined;
  /** With the last grant, or set by nobody. */
  offset: bigint | undefined;
  /** By the items of members, of the newest grant of each. */
  readonly entries: Map<string, Entry>;
}

/** The members' items of a group. */
export interface MemberLedger {
  /** Who speaks for each. */
  readonly members: Map<string, string>;
  readonly gone: Set<string>;
}

/** The state of all groups, as their events made it, one after the other. */
export class GroupLedger {
  readonly #partitions = new Map<string, PartitionLedger>();
  readonly #groups = new Map<string, MemberLedger>();

  partition({ group, log }: PartitionEvent): PartitionLedger {
    const name = `${group} ${log}`;
    const known = this.#partitions.get(name);
    if (known !== undefined) return known;
    const fresh = { a: 0, owner: undefined, offset: undefined, entries: new Map() };
    this.#partitions.set(name, fresh);
    return fresh;
  }

  group({ group }: Pick<GroupEvent, 'group'>): MemberLedger {
    const known = this.#groups.get(group) ?? { members: new Map(), gone: new Set() };
    this.#groups.set(group, known);
    return known;
  }

  /** Whether whoever owns it by the last grant has given it up, or is gone. */
  isFree(event: PartitionEvent): boolean {
    const { owner, a, entries } = this.partition(event);
    if (owner === undefined || this.group(event).gone.has(owner)) return true;
    const entry = entries.get(owner);
    return entry?.a === a && entry.released;
  }

  apply(event: GroupEvent): void {
    switch (event.kind) {
      case 'joined':
        return this.#join(event);
      case 'gone':
        this.group(event).gone.add(event.item);
        return;
      case 'granted':
      case 'set': {
        const partition = this.partition(event);
        partition.a = event.a;
        partition.owner = event.kind === 'granted' ? event.owner : undefined;
        partition.offset = event.offset;
        return;
      }
      case 'expired': {
        const partition = this.partition(event);
        partition.offset = undefined;
        // Whoever held it last is gone, with its item.
        partition.entries.clear();
        return;
      }
      case 'delivered': {
        const { a, offset } = event;
        this.partition(event).entries.set(event.item, { a, offset, released: false, n: 0 });
        return;
      }
      case 'released': {
        const entry = this.partition(event).entries.get(event.item);
        if (entry !== undefined) entry.released = true;
        return;
      }
      case 'committed': {
        const entry = this.partition(event).entries.get(event.item);
        if (entry === undefined) return;
        entry.offset = event.offset;
        entry.n = event.n;
      }
    }
  }

  /** Another process speaks for the item from now on: its numbers begin anew. */
  #join({ group, item, member }: Of<'joined'>): void {
    const { members } = this.group({ group });
    if (members.has(item) && members.get(item) !== member) {
      for (const [name, { entries }] of this.#partitions) {
        const entry = name.startsWith(`${group} `) ? entries.get(item) : undefined;
        if (entry !== undefined) entry.n = 0;
      }
    }
    members.set(item, member);
  }
}

/** Where the group goes on: the newest grant counts, and what its owner says of it. */
export function committedIn({ a, offset, entries }: PartitionLedger): bigint | undefined {
  let newest: Entry | undefined;
  for (const entry of entries.values()) if (entry.a > (newest?.a ?? 0)) newest = entry;
  return newest !== undefined && newest.a >= a ? newest.offset : offset;
}
