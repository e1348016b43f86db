import { createMemoryObjects } from '../../../lib/adapters/memory/objects.ts';
import { noMetrics } from '../../../lib/adapters/system/no-metrics.ts';
import type { Broker } from '../../../lib/broker/broker.ts';
import { createBroker } from '../../../lib/broker/create-broker.ts';
import { Engine } from '../../../lib/engine/engine.ts';
import type { ObjectStore } from '../../../lib/ports/object-store.ts';
import { UnknownFormat } from '../../../lib/store/format.ts';
import { Seeded, seededIds } from '../../engine/seeded.ts';
import { emptyHistory } from '../checker/history.ts';
import type { History } from '../checker/history.ts';
import { GroupJournal } from './group-journal.ts';
import { Host } from './host.ts';
import { Journal } from './journal.ts';
import { LeaseJournal } from './lease-journal.ts';
import { newerRelease } from './newer-release.ts';
import type { Mix } from './mix.ts';
import { Network } from './network.ts';
import { Scheduler } from './scheduler.ts';
import { simObjects } from './sim-objects.ts';
import { simTable } from './sim-table.ts';
import { TableStore } from './table-store.ts';
import { Trace } from './trace.ts';

export interface Running {
  readonly host: Host;
  readonly engine: Engine;
  readonly broker: Broker;
  /** Frozen when there is nothing to answer. */
  readonly rests: boolean;
  /** Requests that it has not answered. */
  readonly asked: Set<number>;
}

/** How a client's request to a process ended. */
export type Answer<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  /** The process was not there: nothing began. */
  | { readonly kind: 'refused' }
  /** No answer: the process died, or the client gave up waiting. */
  | { readonly kind: 'lost' };

/** One seed: stores, processes, and everything that happens to them. */
export class World {
  readonly mix: Mix;
  readonly random: Seeded;
  readonly scheduler = new Scheduler();
  readonly trace: Trace;
  readonly network: Network;
  readonly store: TableStore;
  readonly objects: ObjectStore;
  readonly history: History = emptyHistory();
  readonly journal: Journal;
  readonly groups: GroupJournal;
  readonly processes: Running[] = [];
  /** When nothing more is done to it. */
  healedAtMs = Infinity;
  #started = 0;
  #moment = 0;

  constructor(seed: number, mix: Mix, keepTrace: boolean) {
    // Not the mix's own random numbers: a world with another mix, but the same seed, begins alike.
    this.random = new Seeded(Math.imul(seed, 0x9e3779b1));
    this.mix = mix;
    this.trace = new Trace(keepTrace, () => this.scheduler.nowMs);
    this.network = new Network(this.scheduler, this.random, this.mix, this.trace);
    this.store = new TableStore(this.scheduler, this.mix.unitsPerSecond);
    this.objects = createMemoryObjects();
    const moment = (): number => this.moment();
    const nowMs = (): number => this.scheduler.nowMs;
    this.journal = new Journal(this.history, this.mix.config, this.objects, moment);
    this.groups = new GroupJournal(this.history, moment, nowMs, mix.retentionMs - mix.skewMsMax);
    const leases = new LeaseJournal(this.history, moment, nowMs);
    this.store.watch = async (key, item, writer) => {
      this.groups.see(key, item);
      leases.see(key, item);
      await this.journal.see(key, item, writer);
    };
  }

  /** The next position in the order of events. */
  moment(): number {
    this.#moment += 1;
    return this.#moment;
  }

  wrong(rule: string, detail: string): void {
    this.trace.add('WRONG', `${rule}: ${detail}`);
    this.history.wrong.push({ rule, detail });
  }

  /** The feature level: the format in which whoever knows it opens slots. Once healed, it stays. */
  get level(): number {
    return Math.min(this.scheduler.nowMs, this.healedAtMs) >= this.mix.levelTwoAtMs ? 2 : 1;
  }

  /** Starts a process, which has seen nothing. */
  start(kind: 'any' | 'good' = 'any'): Running {
    const { random, mix, scheduler, trace, network, store, objects } = this;
    this.#started += 1;
    const good = kind === 'good';
    const skewMs = good ? 0 : Math.floor((random.next() * 2 - 1) * mix.skewMsMax);
    const newer = random.chance(mix.newer) || (good && mix.newer > 0);
    const machine = { skewMs, stops: random.chance(0.5), knows: newer ? 2 : 1 };
    const host = new Host(`p${this.#started}`, scheduler, trace, machine);
    const table = simTable(host, network, store, mix);
    const env = {
      table: newer ? newerRelease(table, () => this.level) : table,
      objects: simObjects(host, network, objects, mix),
      clock: host.clock,
      random: new Seeded(random.int(0, 2 ** 31)),
      ids: seededIds(new Seeded(random.int(0, 2 ** 31))),
      metrics: noMetrics,
    };
    const onError = (error: unknown): void => {
      if (!(error instanceof UnknownFormat)) this.wrong('assertion', `beside: ${String(error)}`);
    };
    const { config, prices } = mix;
    const workMs = good ? {} : { workMs: () => mix.workMs };
    const offsetsRetentionMs = mix.retentionMs;
    const options = { prices, config, onError, offsetsRetentionMs };
    const engine = new Engine(env, { ...options, ...workMs });
    const rests = !good && random.chance(mix.resting);
    const release = newer ? 'newer' : '';
    trace.add(host.name, `START skew=${skewMs} prefix=${env.ids.processPrefix} ${release}`);
    return { host, engine, broker: createBroker(engine), rests, asked: new Set() };
  }

  /** Keeps a process at this place: whenever it dies, another takes its place some time after. */
  keep(place: number): void {
    const running = this.start();
    this.processes[place] = running;
    running.host.onCrash(() => {
      const ms = this.random.next() * this.random.pick([10, 1_000, 30_000]);
      this.scheduler.after(ms, () => this.keep(place));
    });
  }

  /** Sends a request to a process and waits for its answer, for so long. */
  async call<T>(
    client: string,
    running: Running,
    text: string,
    giveUpMs: number,
    ask: (running: Running) => Promise<T>,
  ): Promise<Answer<T>> {
    const { scheduler, trace } = this;
    const { host, rests, asked } = running;
    const id = this.moment();
    trace.add(client, `→ ${host.name} ${text}`);
    const answer = await new Promise<Answer<T>>((resolve) => {
      const stop = host.onCrash(() => scheduler.after(1, () => resolve({ kind: 'lost' })));
      const settle = (settled: Answer<T>): void => {
        if (!host.alive) return;
        asked.delete(id);
        if (rests && asked.size === 0) host.rest();
        scheduler.after(this.random.next() * 3, () => {
          stop();
          resolve(settled);
        });
      };
      scheduler.after(giveUpMs, () => resolve({ kind: 'lost' }));
      scheduler.after(this.random.next() * 3, () => {
        if (!host.alive) return resolve({ kind: 'refused' });
        asked.add(id);
        host.wake();
        host.deliver(() => {
          ask(running).then(
            (value) => settle({ kind: 'value', value }),
            (error: unknown) => settle({ kind: 'error', error }),
          );
        });
      });
    });
    trace.add(client, `← ${host.name} ${answer.kind} ${detailOf(answer)}`);
    return answer;
  }
}

/** What was answered is for the caller to write down. */
const detailOf = (answer: Answer<unknown>): string =>
  answer.kind === 'error' ? String(answer.error) : '';
