import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../lib/client/index.ts';
import type { Client } from '../../lib/client/index.ts';
import { Seeded } from '../local/random.ts';
import { Crew } from './crew.ts';
import { calmPauseMs, draw, drawCalm, outMax, pauseMs } from './faults.ts';
import type { Drawn } from './faults.ts';
import { judge } from './judge.ts';
import type { Judgement } from './judge.ts';
import { produceEvenly } from './produce.ts';
import { SoakServer } from './server.ts';
import { Watch } from './watch.ts';

export interface SoakOptions {
  /** Of what is drawn. Processes are not deterministic: no two runs are the same. */
  readonly seed: number;
  /** How long faults are made and records are produced. */
  readonly ms: number;
  /** At most 218,718: so many there are. */
  readonly records: number;
  readonly members: number;
  readonly partitions: number;
  /** Only clean stops and deaths, one at a time: what is measured then is not disturbed. */
  readonly isCalm: boolean;
  /** Leaves the histories and the log where they are. */
  readonly keepsFiles: boolean;
  /** Told a line every ten seconds. */
  readonly onProgress: (line: string) => void;
}

export interface SoakResult {
  readonly judgement: Judgement;
  /** Members, one after the other. */
  readonly processes: number;
  readonly done: Readonly<Record<Drawn['kind'], number>>;
  /** How long the server was away each time, ms. */
  readonly awayMs: readonly number[];
  /** From the first record to the last commit. */
  readonly ms: number;
  /** Records handed out in each second. */
  readonly perSecond: readonly number[];
}

const topic = 'places';
const group = 'soak';
const startMsMax = 60_000;
/** After the faults, until all is committed. */
const drainMsMax = 60_000;

/** One group of consumers, to whose processes all kinds of things are done. */
export class Soak {
  readonly #options: SoakOptions;
  readonly #random: Seeded;
  readonly #server = new SoakServer();
  readonly #crew: Crew;
  readonly #watch: Watch;
  readonly #done: Record<Drawn['kind'], number> = { kill: 0, stop: 0, freeze: 0, server: 0 };
  #isServerAway = false;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#random = new Seeded(options.seed);
    const crew = { group, topic, server: this.#server, random: this.#random.fork() };
    this.#crew = new Crew(crew);
    this.#watch = new Watch(this.#crew.members);
  }

  /** Where all files are. */
  get folder(): string {
    return this.#server.folder;
  }

  /** Whatever happens, all processes have ended when it settles, and all files are gone. */
  async run(signal: AbortSignal): Promise<SoakResult> {
    try {
      return await this.#run(signal);
    } finally {
      await this.#crew.discard();
      await this.#server.discard(this.#options.keepsFiles);
    }
  }

  async #run(signal: AbortSignal): Promise<SoakResult> {
    const { members, ms, partitions, records } = this.#options;
    await this.#server.start();
    await using client = await createClient({ url: this.#server.url });
    await client.admin.createTopic({ name: topic, partitions });
    for (let count = 0; count < members; count += 1) this.#crew.add();
    await this.#until(startMsMax, signal, 'all is assigned', () => {
      this.#watch.read();
      return this.#watch.assigned.size === partitions && this.#crew.well === members;
    });
    const began = performance.now();
    const calm = new AbortController();
    const telling = this.#tell(AbortSignal.any([signal, calm.signal]));
    const [produced, faults] = await Promise.allSettled([
      produceEvenly(client, { topic, records, ms, signal }),
      this.#makeFaults(AbortSignal.any([signal, AbortSignal.timeout(ms)])),
    ]);
    for (const each of [produced, faults]) if (each.status === 'rejected') throw each.reason;
    const endOffsets = await endsOf(client, partitions);
    let committed: readonly (number | undefined)[] = [];
    await this.#until(drainMsMax, signal, 'all is committed', async () => {
      committed = await committedOf(client, partitions);
      if (this.#crew.well < members) return false;
      return endOffsets.every((end, partition) => end === (committed[partition] ?? 0));
    });
    const tookMs = performance.now() - began;
    await this.#crew.stopAll();
    calm.abort();
    await telling;
    this.#watch.read();
    committed = await committedOf(client, partitions);
    await client.close();
    await this.#server.stop();
    const { outages } = this.#server;
    const outcome = { endOffsets, committed, records, outages };
    const judgement = judge(this.#crew.members, outcome);
    const failures = this.#crew.members.flatMap(({ failure }) => failure ?? []);
    const complaints = this.#server.complaints === '' ? [] : [this.#server.complaints];
    return {
      judgement: { ...judgement, wrong: [...judgement.wrong, ...failures, ...complaints] },
      processes: this.#crew.members.length,
      done: this.#done,
      awayMs: outages.map(({ from, to }) => to - from),
      ms: tookMs,
      perSecond: this.#watch.perSecond,
    };
  }

  /** Until `over`; what was begun is ended: who is frozen is thawed, who is gone replaced. */
  async #makeFaults(over: AbortSignal): Promise<void> {
    const begun: Promise<void>[] = [];
    const { isCalm, members } = this.#options;
    const pause = isCalm ? calmPauseMs : pauseMs;
    for (const drawn of isCalm ? drawCalm() : draw(this.#random)) {
      if (over.aborted) break;
      const isPossible =
        drawn.kind === 'server' ? !this.#isServerAway : this.#crew.well > members - outMax;
      if (isPossible) {
        this.#done[drawn.kind] += 1;
        const fault = this.#make(drawn);
        // What fails is told when all have ended.
        fault.catch(() => undefined);
        begun.push(fault);
      }
      await sleep(pause(this.#random), undefined, { signal: over }).catch(() => undefined);
    }
    await Promise.all(begun);
  }

  async #make(drawn: Drawn): Promise<void> {
    if (drawn.kind === 'kill') return this.#crew.kill(drawn.restartMs);
    if (drawn.kind === 'stop') return this.#crew.stop(drawn.restartMs);
    if (drawn.kind === 'freeze') return this.#crew.freeze(drawn.ms);
    this.#isServerAway = true;
    await this.#server.replace(drawn.restartMs);
    this.#isServerAway = false;
  }

  /** A line every ten seconds. */
  async #tell(over: AbortSignal): Promise<void> {
    const began = performance.now();
    const { onProgress } = this.#options;
    while (!over.aborted) {
      await sleep(1_000, undefined, { signal: over }).catch(() => undefined);
      this.#watch.tick();
      if (this.#watch.perSecond.length % 10 !== 0) continue;
      const seconds = Math.round((performance.now() - began) / 1_000);
      const { kill, stop, freeze, server } = this.#done;
      onProgress(
        `${seconds} s: seen ${this.#watch.seen}, again ${this.#watch.again}, ` +
          `killed ${kill}, stopped ${stop}, frozen ${freeze}, server killed ${server}`,
      );
    }
  }

  async #until(
    msMax: number,
    signal: AbortSignal,
    what: string,
    isSo: () => boolean | Promise<boolean>,
  ): Promise<void> {
    const end = performance.now() + msMax;
    while (!(await isSo())) {
      signal.throwIfAborted();
      if (performance.now() < end) await sleep(200);
      else {
        const failures = this.#crew.members.flatMap(({ failure }) => failure ?? []).join('\n');
        throw new Error(`waited ${msMax} ms until ${what}: ${failures}`);
      }
    }
  }
}

const every = (partitions: number): readonly number[] =>
  Array.from({ length: partitions }, (_, partition) => partition);

async function endsOf(client: Client, partitions: number): Promise<readonly number[]> {
  const ends: number[] = [];
  for (const partition of every(partitions)) {
    ends.push(Number((await client.admin.listOffset({ topic, partition }, 'end')).offset));
  }
  return ends;
}

async function committedOf(
  client: Client,
  partitions: number,
): Promise<readonly (number | undefined)[]> {
  const of = every(partitions).map((partition) => ({ topic, partition }));
  const fetched = await client.admin.fetchOffsets(group, of);
  return fetched.map(({ committed }) =>
    committed === undefined ? undefined : Number(committed.offset),
  );
}
