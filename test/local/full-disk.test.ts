import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { must } from '../../lib/std/assert.ts';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { Client, producedBy } from './client.ts';
import type { Answer } from './client.ts';
import { Ledger, valueOf } from './ledger.ts';
import type { SentRecord } from './ledger.ts';
import { createTopics } from './load.ts';
import { endServers, serve } from './server-process.ts';

/** A produce is tried again for 20 s before it is given up. */
const timeout = 120_000;

/** A file system of 8 MB, if this user may mount one. */
function smallDisk(): { readonly path: string; unmount(): void } | undefined {
  const parent = temporaryDirectory();
  const path = join(parent, 'disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    remove(parent);
    return undefined;
  }
  return {
    path,
    unmount: () => {
      execFileSync('umount', [path]);
      remove(parent);
    },
  };
}

const probe = smallDisk();
probe?.unmount();

/** Clients that fill a disk: small batches, carried in commands, and large ones, in objects. */
class Filler {
  readonly #client: Client;
  readonly #ledger: Ledger;
  #sent = 0;

  constructor(client: Client, ledger: Ledger) {
    this.#client = client;
    this.#ledger = ledger;
  }

  async produce(padLength: number, partition: number): Promise<Answer> {
    this.#sent += 1;
    const record: SentRecord = { id: `f${this.#sent}`, key: null, padLength, partition };
    this.#ledger.sent('log', [record]);
    const body = { records: [{ value: valueOf(record), partition }] };
    const answer = await this.#client.ask('POST', '/topics/log', { body });
    const [produced] = producedBy(answer);
    if (produced?.error_code === null) this.#ledger.answered([record], [produced]);
    return answer;
  }

  /** One client of each kind, until each was refused: with what. */
  async fill(): Promise<Answer[]> {
    const until = async (padLength: number, partition: number): Promise<Answer> => {
      for (;;) {
        const answer = await this.produce(padLength, partition);
        if (producedBy(answer)[0]?.error_code !== null) return answer;
      }
    };
    return Promise.all([until(50, 0), until(3_000, 1), until(60_000, 2)]);
  }
}

async function readLog(client: Client, ledger: Ledger): Promise<void> {
  ledger.check('log', await Promise.all([0, 1, 2].map((part) => client.readAll('log', part))));
}

// Without the right to mount, nothing here can be shown; the store's own tests inject such errors.
test.runIf(probe !== undefined)(
  'a full disk refuses what cannot be kept, loses nothing, and recovers',
  { timeout },
  async () => {
    const disk = must(smallDisk(), 'the right to mount');
    try {
      const ballast = join(disk.path, 'ballast');
      writeFileSync(ballast, new Uint8Array(2_000_000));
      const server = serve(join(disk.path, 'data'));
      const client = new Client(await server.url());
      await createTopics(client);
      const ledger = new Ledger();
      const filler = new Filler(client, ledger);

      const refusals = await filler.fill();
      for (const answer of refusals) {
        expect(answer.status).toBe(200);
        // Nothing happened, so it may be sent again.
        expect(producedBy(answer)).toMatchObject([{ offset: null, error_code: 50_003 }]);
      }
      expect((await client.ask('GET', '/health')).status).toBe(200);
      await readLog(client, ledger);

      rmSync(ballast);
      for (const padLength of [50, 3_000, 60_000]) {
        expect(producedBy(await filler.produce(padLength, 0))).toMatchObject([
          { error_code: null },
        ]);
      }
      await readLog(client, ledger);

      client.close();
      expect(await server.signal('SIGTERM')).toMatchObject({ code: 0, signal: null });
      // Whoever runs the server learns why, now and then.
      expect(server.stderr).toMatch(
        /^(?:the store could not .+(?:is full|no space left).*\n){1,9}$/u,
      );
      const again = serve(join(disk.path, 'data'));
      const next = new Client(await again.url());
      await readLog(next, ledger);
      expect(ledger.problems).toEqual([]);
      expect(ledger.told).toBeGreaterThan(20);
      expect(readdirSync(join(disk.path, 'data', 'tmp'))).toEqual([]);
      next.close();
      await again.signal('SIGTERM');
    } finally {
      await endServers();
      disk.unmount();
    }
  },
);
