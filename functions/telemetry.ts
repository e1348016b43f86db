import { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import type { Clock } from '../lib/ports/environment.ts';
import { InvariantError, must } from '../lib/std/assert.ts';
import type { Calls } from './invocation.ts';
import type { PublishedMetrics } from './metrics.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a function says about its calls: one line each, and what was counted. */
export class Telemetry {
  readonly metrics: PublishedMetrics;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #calls: Calls;
  #isFirst = true;

  constructor(deployment: string, metrics: PublishedMetrics, clock: Clock, calls: Calls) {
    this.metrics = metrics;
    this.#logger = new Logger({ serviceName: deployment });
    this.#clock = clock;
    this.#calls = calls;
  }

  /** Something that nobody foresaw: it goes into the line of the call for which it was done. */
  readonly failed = (error: unknown): void => {
    this.metrics.count(error instanceof InvariantError ? 'broken_invariants' : 'unforeseen_errors');
    const call = this.#calls.current;
    if (call === undefined) this.#logger.error('between calls', { errors: [error] });
    else call.errors.push(error);
  };

  /** Must be the first of the middlewares, so that it is the last to end. */
  middleware<Event, Result>(
    describe: (event: Event, result: Result | undefined) => Fields,
  ): MiddlewareObj<Event, Result> {
    return {
      after: ({ event, response }) => this.#write(describe(event, response ?? undefined)),
      onError: ({ event, error }) => {
        this.failed(error);
        this.#write(describe(event, undefined));
      },
    };
  }

  #write(described: Fields): void {
    const { context, startedMs, errors } = must(this.#calls.current, 'a call');
    const line = {
      ...described,
      duration_ms: Math.round(10 * (this.#clock.monotonic() - startedMs)) / 10,
      invocation_id: context.awsRequestId,
      cold_start: this.#isFirst,
      ...(errors.length === 0 ? {} : { errors }),
    };
    this.#isFirst = false;
    if (errors.length === 0) this.#logger.info('call', line);
    else this.#logger.error('call', line);
    this.metrics.publish();
  }
}
