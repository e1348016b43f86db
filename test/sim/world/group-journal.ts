import { entryOf } from '../../../lib/core/group/group.ts';
import type { Entry, Member, Ownership } from '../../../lib/core/group/group.ts';
import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import type { Item, ItemKey } from '../../../lib/ports/metadata-table.ts';
import { decodeMember } from '../../../lib/store/group-member.ts';
import { decodeOwnership } from '../../../lib/store/group-ownership.ts';
import { groupOf } from '../../../lib/store/group-pk.ts';
import { decodeGroupState } from '../../../lib/store/group-state.ts';
import type { GroupEvent } from '../checker/group-history.ts';
import { GroupLedger, committedIn } from '../checker/group-ledger.ts';
import type { History } from '../checker/history.ts';

type Untimed = GroupEvent extends infer Event
  ? Event extends GroupEvent
    ? Omit<Event, 'moment'>
    : never
  : never;

/**
 * The world's own record of every group, kept beside the table as it changes: what each write of an
 * item means for who owns what, and where the group goes on.
 */
export class GroupJournal {
  readonly #history: History;
  readonly #moment: () => number;
  readonly #members = new Map<string, Member>();
  readonly #ownerships = new Map<string, Ownership>();
  readonly #epochs = new Map<string, number>();
  readonly #ledger = new GroupLedger();

  /** When something of a group happened last, and how long its offsets are kept. */
  readonly #lastMs = new Map<string, number>();
  readonly #nowMs: () => number;
  readonly #keptMs: number;

  constructor(history: History, moment: () => number, nowMs: () => number, keptMs: number) {
    this.#history = history;
    this.#moment = moment;
    this.#nowMs = nowMs;
    this.#keptMs = keptMs;
  }

  /** Told of every change of the table. */
  see(key: ItemKey, item: Item | undefined): void {
    if (!key.pk.startsWith('G#')) return;
    try {
      if (key.sk.startsWith('M#')) this.#seeMember(key, item);
      if (key.sk.startsWith('O#')) this.#seeOwnership(key, item);
      if (key.sk === 'STATE') this.#seeState(key, item);
    } catch (error) {
      this.#wrong('journal', key, String(error));
    }
  }

  #wrong(rule: string, { pk, sk }: ItemKey, what: string): void {
    this.#history.wrong.push({ rule, detail: `${pk} ${sk}: ${what}` });
  }

  #note(event: Untimed): void {
    const timed = { ...event, moment: this.#moment() };
    this.#ledger.apply(timed);
    if (event.kind !== 'expired') this.#lastMs.set(event.group, this.#nowMs());
    this.#history.groups.events.push(timed);
  }

  /** Epochs never begin again, also when a group was deleted. */
  #seeState(key: ItemKey, item: Item | undefined): void {
    const before = this.#epochs.get(key.pk) ?? 0;
    const epoch = item === undefined ? 0 : decodeGroupState(item).epoch;
    this.#epochs.set(key.pk, Math.max(before, epoch));
    if (epoch <= before) this.#wrong('group epoch', key, `${epoch} after ${before}`);
  }

  #seeMember(key: ItemKey, item: Item | undefined): void {
    const name = `${key.pk} ${key.sk}`;
    const before = this.#members.get(name);
    if (item === undefined) {
      this.#members.delete(name);
      if (before === undefined || before.gone) return;
      this.#note({ kind: 'gone', group: before.group, item: before.key });
      return;
    }
    const member = decodeMember(item);
    this.#members.set(name, member);
    const { group, key: of, memberId } = member;
    if (before?.memberId !== memberId) {
      this.#note({ kind: 'joined', group, item: of, member: memberId });
    }
    for (const entry of member.entries) this.#seeEntry(member, before, entry);
    if (member.gone && before?.gone !== true) this.#note({ kind: 'gone', group, item: of });
  }

  #seeEntry(member: Member, before: Member | undefined, entry: Entry): void {
    const was = before && entryOf(before, entry);
    const { a, n } = entry;
    const place = { group: member.group, log: logOf(entry), item: member.key };
    const offset = entry.committed?.offset;
    if (was?.a !== a) {
      this.#note({ kind: 'delivered', ...place, a, offset });
    } else if (offset !== was.committed?.offset || (n !== was.n && n > 0)) {
      this.#note({ kind: 'committed', ...place, member: member.memberId, a, n, offset });
    }
    const wasReleased = was?.a === a && was.released;
    if (entry.released && !wasReleased) this.#note({ kind: 'released', ...place, a, offset });
  }

  #seeOwnership(key: ItemKey, item: Item | undefined): void {
    if (item === undefined) return this.#wrong('ownership deleted', key, groupOf(key.pk));
    const ownership = decodeOwnership(item);
    const before = this.#ownerships.get(`${key.pk} ${key.sk}`);
    this.#ownerships.set(`${key.pk} ${key.sk}`, ownership);
    const { group, a, owner, committed } = ownership;
    const place = { group, log: logOf(ownership), a, offset: committed?.offset };
    const grant = { kind: 'granted', ...place, owner } as const;
    // Of a group that is not empty nothing expires; who deletes an offset takes it from its owner.
    const isSame = a === before?.a && owner === before.owner && committed === undefined;
    const idleMs = this.#nowMs() - (this.#lastMs.get(group) ?? 0);
    if (isSame && (owner !== undefined || idleMs >= this.#keptMs)) {
      if (idleMs < this.#keptMs) this.#wrong('expired', key, `after ${idleMs.toFixed(0)} ms`);
      return this.#note({ kind: 'expired', ...place });
    }
    if (owner !== undefined) return this.#note(grant);
    // Granted to nobody, or set by nobody: it looks the same unless the offset moves.
    const was = this.#ledger.partition({ ...grant, moment: 0 });
    const isGrant = a > (before?.a ?? 0) && committedIn(was) === place.offset;
    this.#note(isGrant ? grant : { kind: 'set', ...place });
  }

  /** The moment since when there is an item that names this member; undefined: there is none. */
  memberSince(group: string, memberId: string): number | undefined {
    const { events } = this.#history.groups;
    const item = [...this.#members.values()].find(
      (one) => one.group === group && one.memberId === memberId && !one.gone,
    )?.key;
    return events.findLast(
      (event) => event.kind === 'joined' && event.group === group && event.item === item,
    )?.moment;
  }
}

const logOf = ({ topicId, partition }: PartitionKey): string => `${topicId}/${partition}`;
