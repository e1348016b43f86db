import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '../../lib/std/assert.ts';
import type { Seeded } from '../local/random.ts';
import { MemberProcess } from './member-process.ts';
import type { SoakServer } from './server.ts';

export interface CrewOptions {
  readonly group: string;
  readonly topic: string;
  readonly server: SoakServer;
  readonly random: Seeded;
}

/** The members of a group, each a process: those that run, and those that did. */
export class Crew {
  readonly members: MemberProcess[] = [];
  readonly #options: CrewOptions;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Every third commits by itself, as clients do by default; of the others each commit is known. */
  add(): void {
    const { group, topic, server } = this.#options;
    const { url, folder } = server;
    const count = this.members.length;
    const options = { url, group, topic, folder, isAuto: count % 3 === 2 };
    this.members.push(new MemberProcess(`m${count}`, options));
  }

  /** How many there are to whom nothing is being done. */
  get well(): number {
    return this.#well.length;
  }

  get #well(): readonly MemberProcess[] {
    return this.members.filter(({ isWell }) => isWell);
  }

  #pick(): MemberProcess {
    const well = this.#well;
    return must(well[this.#options.random.int(0, well.length - 1)], 'a member that is well');
  }

  async kill(replaceMs: number): Promise<void> {
    await this.#pick().kill();
    await sleep(replaceMs);
    this.add();
  }

  async stop(replaceMs: number): Promise<void> {
    await this.#pick().stop();
    await sleep(replaceMs);
    this.add();
  }

  async freeze(ms: number): Promise<void> {
    const member = this.#pick();
    member.freeze();
    await sleep(ms);
    member.thaw();
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#well.map((member) => member.stop()));
  }

  async discard(): Promise<void> {
    await Promise.all(this.members.map((member) => member.discard()));
  }
}
