interface Event {
  readonly atMs: number;
  /** Events of one time happen in the order in which they were asked for. */
  readonly order: number;
  readonly run: () => void;
}

/**
 * Virtual time. Everything that happens in the simulated world is an event here, one at a time;
 * between two of them all code that can go on without a new event has gone on. There is no timer,
 * so a seed always gives the same order.
 */
export class Scheduler {
  #nowMs = 0;
  #asked = 0;
  #happened = 0;
  /** A binary heap. */
  readonly #events: Event[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): void {
    const events = this.#events;
    const event: Event = { atMs: this.#nowMs + Math.max(0, ms), order: this.#asked, run };
    this.#asked += 1;
    let at = events.length;
    events.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, events[parent] as Event)) break;
      events[at] = events[parent] as Event;
      at = parent;
    }
    events[at] = event;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Lets things happen until `over`, or until nothing is left to happen: then false. */
  async run(over: () => boolean, eventsMax = 1_000_000): Promise<boolean> {
    for (let left = eventsMax; left > 0; left -= 1) {
      await quiet();
      if (over()) return true;
      const event = this.#pop();
      if (event === undefined) return false;
      this.#nowMs = event.atMs;
      this.#happened += 1;
      event.run();
    }
    throw new Error(`no end after events=${eventsMax}, at ms=${this.#nowMs}`);
  }

  /** Until nothing is left to happen. */
  async drain(): Promise<void> {
    await this.run(() => false);
  }

  get happened(): number {
    return this.#happened;
  }

  #pop(): Event | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= events.length) break;
      const right = events[child + 1];
      if (right !== undefined && isBefore(right, events[child] as Event)) child += 1;
      if (!isBefore(events[child] as Event, last)) break;
      events[at] = events[child] as Event;
      at = child;
    }
    events[at] = last;
    return first;
  }
}

const isBefore = (a: Event, b: Event): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Node takes a tick up when no microtask is left: all that could go on has gone on. */
const quiet = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });
