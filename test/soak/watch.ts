import type { MemberProcess } from './member-process.ts';

/** What the members have written down so far. */
export class Watch {
  /** Records handed out in each second. */
  readonly perSecond: number[] = [];
  readonly assigned = new Set<number>();
  readonly #members: readonly MemberProcess[];
  readonly #names = new Set<number>();
  #handedOut = 0;
  #last = 0;

  constructor(members: readonly MemberProcess[]) {
    this.#members = members;
  }

  /** Different records that were handed out. */
  get seen(): number {
    return this.#names.size;
  }

  get again(): number {
    return this.#handedOut - this.seen;
  }

  read(): void {
    for (const event of this.#members.flatMap((member) => member.read())) {
      if (event.e === 'assigned') for (const partition of event.of) this.assigned.add(partition);
      if (event.e !== 'seen') continue;
      for (const name of event.n) this.#names.add(name);
      this.#handedOut += event.n.length;
    }
  }

  /** To be called every second. */
  tick(): void {
    this.read();
    this.perSecond.push(this.#handedOut - this.#last);
    this.#last = this.#handedOut;
  }
}
