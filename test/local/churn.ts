import { Client, shown, Unanswered } from './client.ts';
import type { Answer } from './client.ts';
import type { Seeded } from './random.ts';

/** What is known of a name: `maybe` after a request that was not answered. */
type Known = 'absent' | 'there' | 'maybe';

/** Topics that come and go, under three names. */
export class Churn {
  readonly problems: string[] = [];
  deletions = 0;
  readonly #random: Seeded;
  readonly #known = new Map<string, Known>(
    ['churn-a', 'churn-b', 'churn-c'].map((name) => [name, 'absent']),
  );
  #stopped = false;

  constructor(random: Seeded) {
    this.#random = random;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(client: Client): Promise<void> {
    this.#stopped = false;
    await Promise.all([...this.#known.keys()].map((name) => this.#loop(client, name)));
  }

  /** After a restart: what was answered holds, and what was not can be finished. */
  async check(client: Client): Promise<void> {
    const listed = (await client.get('/topics')) as string[];
    for (const [name, known] of this.#known) {
      const { status } = await client.ask('GET', `/topics/${name}/partitions/0/offsets`);
      const there = listed.includes(name);
      if (there !== (status === 200))
        this.#problem(`${name} listed=${there}, read status=${status}`);
      if (known === 'absent' && there) this.#problem(`${name} was deleted, and is there`);
      if (known === 'there' && !there) this.#problem(`${name} was created, and is not there`);
      this.#known.set(name, there ? 'there' : 'absent');
    }
  }

  /** Deletes what is there. */
  async end(client: Client): Promise<void> {
    for (const [name, known] of this.#known)
      if (known === 'there') await this.#delete(client, name);
  }

  async #loop(client: Client, name: string): Promise<void> {
    try {
      while (!this.#stopped) {
        if (this.#known.get(name) === 'absent') await this.#create(client, name);
        await this.#produce(client, name);
        if (this.#random.chance(0.5)) await this.#delete(client, name);
      }
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
    }
  }

  async #create(client: Client, name: string): Promise<void> {
    this.#known.set(name, 'maybe');
    this.#expect(await client.createTopic(name, this.#random.int(1, 3)), 201, name);
    this.#known.set(name, 'there');
    const offsets = await client.ask('GET', `/topics/${name}/partitions/0/offsets`);
    if (!offsets.text.includes('"end_offset":0')) this.#problem(`${name} is new: ${offsets.text}`);
  }

  async #produce(client: Client, name: string): Promise<void> {
    const pad = 'x'.repeat(this.#random.chance(0.3) ? 20_000 : 10);
    const records = Array.from({ length: 4 }, (_, n) => ({ key: String(n), value: pad }));
    this.#expect(await client.ask('POST', `/topics/${name}`, { body: { records } }), 200, name);
  }

  async #delete(client: Client, name: string): Promise<void> {
    this.#known.set(name, 'maybe');
    this.#expect(await client.deleteTopic(name), 204, name);
    this.#known.set(name, 'absent');
    this.deletions += 1;
  }

  #expect(answer: Answer, status: number, name: string): void {
    const failed =
      answer.text.includes('"error_code":') && !answer.text.includes('"error_code":null');
    if (answer.status !== status || failed) this.#problem(`${name} answered ${shown(answer)}`);
  }

  #problem(text: string): void {
    if (this.problems.length < 20) this.problems.push(text);
  }
}
