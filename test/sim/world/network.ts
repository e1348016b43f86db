import type {
  Indeterminate,
  ReadOutcome,
  Throttled,
  Unavailable,
} from '../../../lib/ports/outcome.ts';
import type { Seeded } from '../../engine/seeded.ts';
import type { Host } from './host.ts';
import { faultKinds } from './mix.ts';
import type { FaultKind, Mix } from './mix.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

type Failure = Throttled | Unavailable | Indeterminate;
type Kinded = { readonly kind: string };

/** One call on its way: what it is, what makes it happen at the store, and what to tell if no answer comes. */
interface Line<T> {
  readonly host: Host;
  /** What is asked of which key, for the trace. */
  readonly what: string;
  readonly write: boolean;
  readonly apply: () => Promise<T>;
  /** The answer, for the trace. */
  readonly show: (outcome: T) => string;
  readonly lost: (cause: string) => T;
}

/** A time in which one fault is nearly certain: for one process, in one place, or for all. */
interface Spell {
  readonly kind: FaultKind;
  readonly untilMs: number;
  readonly host: Host | undefined;
  readonly place: string | undefined;
}

/** What fails together: the items of one partition key, or one verb of the objects. */
function placeOf(what: string): string {
  const [verb = '', key = ''] = what.split(' ', 2);
  return verb === verb.toUpperCase() ? verb : key;
}

/** Between processes and stores: every port call is an event, and each may meet a fault. */
export class Network {
  /** False: every call is answered truly. What was late is still late. */
  storm = false;
  readonly injected: Record<string, number> = {};
  calls = 0;
  readonly scheduler: Scheduler;
  readonly #random: Seeded;
  readonly #mix: Mix;
  readonly #trace: Trace;
  #spell: Spell | undefined;
  #lastPlace: string | undefined;

  constructor(scheduler: Scheduler, random: Seeded, mix: Mix, trace: Trace) {
    this.scheduler = scheduler;
    this.#random = random;
    this.#mix = mix;
    this.#trace = trace;
  }

  /** A read whose answer does not come is `unavailable`. */
  read<T>(
    host: Host,
    what: string,
    apply: () => Promise<ReadOutcome<T>>,
    show: (value: T) => string,
  ): Promise<ReadOutcome<T>> {
    return this.#call({
      host,
      what,
      write: false,
      apply,
      show: (outcome) => (outcome.kind === 'done' ? show(outcome.value) : ''),
      lost: (cause) => ({ kind: 'unavailable', cause }),
    });
  }

  /** A write whose answer does not come is `indeterminate`. */
  write<T extends Kinded>(
    host: Host,
    what: string,
    apply: () => Promise<T | Throttled>,
    show: (outcome: T | Failure) => string,
  ): Promise<T | Failure> {
    const lost = (cause: string): Failure => ({ kind: 'indeterminate', cause });
    return this.#call<T | Failure>({ host, what, write: true, apply, show, lost });
  }

  #call<T extends Kinded>(line: Line<T>): Promise<T | Throttled | Unavailable> {
    return new Promise((resolve, reject) => {
      const { host, what } = line;
      if (!host.alive) return;
      this.calls += 1;
      const id = this.calls;
      this.#lastPlace = placeOf(what);
      const fault = this.#drawFault(host, this.#lastPlace);
      const crash = this.storm && this.#random.chance(this.#mix.crashPerCall);
      this.#trace.add(host.name, `#${id} ${what}${fault === undefined ? '' : ` !${fault}`}`);
      if (crash && this.#random.chance(0.4)) {
        this.count('crash');
        host.crash();
        return;
      }
      this.#send(id, fault, line, resolve, reject);
      if (!crash) return;
      this.count('crash');
      this.scheduler.after(this.#latency(), () => host.crash());
    });
  }

  #send<T extends Kinded>(
    id: number,
    fault: FaultKind | undefined,
    { host, write, apply, show, lost }: Line<T>,
    resolve: (outcome: T | Throttled | Unavailable) => void,
    reject: (error: unknown) => void,
  ): void {
    const happen = async (): Promise<() => void> => {
      try {
        const outcome = await apply();
        this.#trace.add('store', `#${id} ${outcome.kind} ${show(outcome)}`);
        return () => resolve(outcome);
      } catch (error) {
        this.#trace.add('store', `#${id} refused ${String(error)}`);
        return () => reject(error);
      }
    };
    const tell = (answer: () => void): void =>
      host.deliver(() => {
        host.sawService();
        answer();
      });
    const noAnswer = (): void => resolve(lost(fault ?? 'frozen'));
    const there = this.#latency();
    const back = this.#latency();
    const timeout = 50 + this.#random.next() * this.#random.pick([100, 2_000]);
    const delay = this.#random.next() * this.#random.pick([50, 2_000, 60_000, 600_000]);
    // Connections seldom outlive a freeze.
    const breaks = this.#random.chance(0.5);
    const reply = (answer: () => void): void =>
      this.scheduler.after(back, () => {
        if (breaks && host.frozen) host.deliver(noAnswer);
        else tell(answer);
      });
    const after = (ms: number, then: (answer: () => void) => void): void =>
      this.scheduler.after(ms, () => void happen().then(then));
    const ignored = (): void => undefined;
    switch (fault) {
      case undefined:
        return after(there, reply);
      case 'slow':
        return after(there + Math.min(delay, 60_000), reply);
      case 'throttle':
        this.scheduler.after(there + back, () => tell(() => resolve({ kind: 'throttled' })));
        return;
      case 'unavailable':
        this.scheduler.after(there + back, () =>
          tell(() => resolve({ kind: 'unavailable', cause: 'storm' })),
        );
        return;
      case 'lose-reply':
        after(there, ignored);
        break;
      case 'late':
        if (write) after(timeout + delay, ignored);
        break;
      case 'lose-request':
        break;
    }
    this.scheduler.after(timeout, () => host.deliver(noAnswer));
  }

  #drawFault(host: Host, place: string): FaultKind | undefined {
    if (!this.storm) return undefined;
    const draw = this.#random.next();
    const spell = this.#spell;
    let fault: FaultKind | undefined;
    if (spell !== undefined && this.scheduler.nowMs < spell.untilMs && draw < 0.8) {
      const meets = (spell.host ?? host) === host && (spell.place ?? place) === place;
      if (meets) fault = spell.kind;
    }
    let from = 0;
    for (const kind of faultKinds) {
      const to = from + this.#mix.faults[kind];
      if (fault === undefined && draw >= from && draw < to) fault = kind;
      from = to;
    }
    if (fault !== undefined) this.count(fault);
    return fault;
  }

  /** For this process, or else for all, or where a call was just made. */
  beginSpell(host: Host | undefined): void {
    const kind = this.#random.pick(faultKinds);
    const ms = this.#random.next() * this.#random.pick([100, 1_000, 1_000, 25_000]);
    const there = host === undefined && this.#random.chance(0.6);
    const place = there ? this.#lastPlace : undefined;
    this.#spell = { kind, host, place, untilMs: this.scheduler.nowMs + ms };
    this.count('spell');
    const who = host?.name ?? place ?? 'all';
    this.#trace.add(who, `SPELL of ${kind} ms=${ms.toFixed(0)}`);
  }

  /** Decides something that stores do without being broken. */
  happens(chance: number, name: string): boolean {
    const drawn = this.#random.chance(chance) && this.storm;
    if (drawn) this.count(name);
    return drawn;
  }

  get random(): Seeded {
    return this.#random;
  }

  count(name: string): void {
    this.injected[name] = (this.injected[name] ?? 0) + 1;
  }

  /** Half of the calls take up to the usual time, a few take ten times as long. */
  #latency(): number {
    const base = this.#mix.latencyMs;
    const stretch = this.#random.chance(0.02) ? 10 : 1;
    return base * (0.3 + this.#random.next()) * stretch;
  }
}
