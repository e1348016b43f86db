import type { Member } from '../core/group/group.ts';

const membersMax = 256;
/** Items with more entries are read again: they are few, and large. */
const entriesMax = 500;

interface Sight {
  readonly member: Member;
  /** Nobody else wrote between this sight and the one before. */
  readonly isSole: boolean;
}

/**
 * Member items as this process last saw them, so that a commit may be put without a read. A put
 * that fails costs more than a read, so only what nobody else writes is told.
 */
export class MemberSights {
  readonly #sights = new Map<string, Sight>();

  /** Perhaps old: the put that follows is on its version. */
  last(group: string, name: string): Member | undefined {
    const sight = this.#sights.get(sightName(group, name));
    return sight?.isSole === true ? sight.member : undefined;
  }

  /** As it was read or put. */
  see(name: string, member: Member): void {
    const key = sightName(member.group, name);
    const before = this.#sights.get(key);
    this.#sights.delete(key);
    if (member.entries.length > entriesMax) return;
    const steps = before?.member.key === member.key ? member.version - before.member.version : 2;
    this.#sights.set(key, { member, isSole: steps <= 1 });
    const [oldest] = this.#sights.keys();
    if (this.#sights.size > membersMax && oldest !== undefined) this.#sights.delete(oldest);
  }

  forget(group: string, name: string): void {
    this.#sights.delete(sightName(group, name));
  }
}

/** Names may hold any character. */
const sightName = (group: string, name: string): string => JSON.stringify([group, name]);
