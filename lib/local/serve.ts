import { openEmbedded } from '../adapters/embedded/open.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createIds, systemRandom } from '../adapters/system/ids.ts';
import { noMetrics } from '../adapters/system/no-metrics.ts';
import { createBroker } from '../broker/create-broker.ts';
import { awsPrices } from '../core/log/placement.ts';
import { Engine } from '../engine/engine.ts';
import { together } from '../engine/together.ts';
import { keepMaintained } from '../maintain/keep.ts';
import { startHttpServer } from './http-server.ts';
import { giveBackWhenIdle } from './idle-memory.ts';
import { listenError } from './listen-error.ts';
import { logRefusals } from './log-refusals.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Created if it is missing. One process may hold it. */
  readonly dataDirectory: string;
  /** One line about something that went wrong and that no client was told. */
  readonly log: (line: string) => void;
}

export interface Served {
  /** `http://host:port` */
  readonly url: string;
  /** Answers what is in flight, then lets go of the directory. */
  close(): Promise<void>;
}

/** The log on a laptop: the engine on the embedded store, behind HTTP. */
export async function serve(options: ServeOptions): Promise<Served> {
  const store = await openEmbedded(options.dataDirectory, { program: 'tailrace serve' });
  const clock = systemClock();
  const stop = new AbortController();
  try {
    const env = {
      ...logRefusals(store, clock, options.log),
      clock,
      random: systemRandom,
      ids: createIds(),
      metrics: noMetrics,
    };
    const onError = (error: unknown): void =>
      options.log(`background work failed: ${String(error)}`);
    const engine = new Engine(env, { prices: awsPrices, onError });
    const { host, port, log } = options;
    const broker = createBroker(engine);
    const server = await startHttpServer({ broker, host, port, log }).catch((error: unknown) => {
      throw listenError(error, host, port);
    });
    const maintenance = keepMaintained(engine, stop.signal, onError);
    const idle = giveBackWhenIdle(server.served, clock, stop.signal);
    const close = async (): Promise<void> => {
      stop.abort();
      await server.close();
      await together([maintenance, idle]);
      await engine.settled();
      await store.close();
    };
    return { url: server.url, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}
