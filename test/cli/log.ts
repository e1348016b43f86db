import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { serve } from '../local/server-process.ts';
import { done, tailrace } from './tailrace.ts';
import type { Ended } from './tailrace.ts';

/** A server for the tests of a file, and the command line that speaks to it. */
export class Log {
  #url = '';
  #topics = 0;

  constructor() {
    const directory = temporaryDirectory();
    const server = serve(join(directory, 'data'));
    beforeAll(async () => {
      this.#url = await server.url();
    });
    afterAll(async () => {
      await server.signal('SIGTERM');
      remove(directory);
    });
  }

  get env(): NodeJS.ProcessEnv {
    return { TAILRACE_SERVER: this.#url };
  }

  get url(): string {
    return this.#url;
  }

  run(args: readonly string[], input: string | Uint8Array = ''): Promise<Ended> {
    return tailrace(args, input, this.env);
  }

  /** Runs well, or the test fails. */
  done(args: readonly string[], input: string | Uint8Array = ''): Promise<string> {
    return done(args, input, this.env);
  }

  /** A topic of its own for each test. */
  async topic(partitions = 1): Promise<string> {
    this.#topics += 1;
    const name = `topic-${this.#topics}`;
    await this.done(['topic', 'create', name, '-P', String(partitions)]);
    return name;
  }
}
