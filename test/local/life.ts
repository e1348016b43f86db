import { deepEqual, ok } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { vi } from 'vitest';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { Churn } from './churn.ts';
import { Client } from './client.ts';
import { Ledger } from './ledger.ts';
import { checkAll, createTopics, Load, topics } from './load.ts';
import type { Seeded } from './random.ts';
import { serve } from './server-process.ts';

/** A lease whose holder was killed stands for 15 s, and maintenance looks every 5 s. */
export const maintenanceMs = 60_000;

export interface Totals {
  kills: number;
  records: number;
  untold: number;
  deletions: number;
}

/** One life of a directory: so many kills, and what was left undone is finished at the end. */
export class Life {
  readonly #parent = temporaryDirectory();
  readonly #directory = join(this.#parent, 'data');
  readonly #random: Seeded;
  readonly #ledger = new Ledger();
  readonly #load: Load;
  readonly #churn: Churn;

  constructor(random: Seeded) {
    this.#random = random;
    this.#load = new Load(this.#ledger, random.fork());
    this.#churn = new Churn(random.fork());
  }

  async round(isFirst: boolean, totals: Totals): Promise<void> {
    if (this.#random.chance(0.2)) await this.#killAtStart();
    const server = serve(this.#directory);
    const client = new Client(await server.url());
    if (isFirst) await createTopics(client);
    else await this.#check(client);
    const untold = this.#ledger.untold;
    const load = Promise.all([this.#load.run(client), this.#churn.run(client)]);
    const due = this.#ledger.more(this.#random.int(20, 500));
    await Promise.race([due, load]);
    // Not to wait for anything: the kill is to fall between two answers as well as upon one.
    await wait(this.#random.int(0, 25));
    const { signal, stderr } = await server.signal('SIGKILL');
    await load;
    client.close();
    deepEqual({ signal, stderr }, { signal: 'SIGKILL', stderr: '' });
    totals.kills += 1;
    totals.untold += this.#ledger.untold - untold;
  }

  /** Whatever opening does may be cut short as well. */
  async #killAtStart(): Promise<void> {
    const server = serve(this.#directory);
    await Promise.race([server.url(), wait(this.#random.int(50, 600))]);
    await server.signal('SIGKILL');
  }

  async #check(client: Client): Promise<void> {
    await checkAll(client, this.#ledger);
    await this.#load.retry(client);
    await this.#churn.check(client);
    deepEqual([...this.#ledger.problems, ...this.#churn.problems], []);
  }

  async end(totals: Totals): Promise<void> {
    const server = serve(this.#directory);
    const client = new Client(await server.url());
    await this.#check(client);
    // What was repeated is told by now, so this time it must be there, once.
    await checkAll(client, this.#ledger);
    await this.#churn.end(client);
    await vi.waitUntil(() => this.#undone() === 0, { timeout: maintenanceMs, interval: 250 });
    deepEqual(this.#ledger.problems, []);
    client.close();
    const { code, stderr } = await server.signal('SIGTERM');
    deepEqual({ code, stderr }, { code: 0, stderr: '' });
    ok(this.#topicsWithObjects() <= Object.keys(topics).length, 'objects of deleted topics');
    deepEqual(readdirSync(join(this.#directory, 'tmp')), []);
    totals.records += this.#ledger.told;
    totals.deletions += this.#churn.deletions;
  }

  remove(): void {
    remove(this.#parent);
  }

  /** Deletions that are not finished. */
  #undone(): unknown {
    const database = new DatabaseSync(join(this.#directory, 'table.db'), { readOnly: true });
    const sql = `SELECT count(*) AS n FROM items WHERE pk LIKE 'GONE#%' OR pk LIKE 'DUE#%'`;
    const count = database.prepare(sql).get()?.['n'];
    database.close();
    return count;
  }

  /** Deleted topics leave empty directories at most. */
  #topicsWithObjects(): number {
    const files = readdirSync(join(this.#directory, 'objects'), {
      recursive: true,
      withFileTypes: true,
    }).filter((entry) => entry.isFile());
    const prefix = join(this.#directory, 'objects', 'stage', '0');
    return new Set(files.map(({ parentPath }) => parentPath.slice(prefix.length + 1).split('/')[0]))
      .size;
  }
}
