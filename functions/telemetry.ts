import { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import type { Clock } from '../lib/ports/environment.ts';
import { InvariantError } from '../lib/std/assert.ts';
import type { PublishedMetrics } from './metrics.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a function says about its calls: one line each, and what was counted. */
export class Telemetry {
  readonly metrics: PublishedMetrics;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #errors: unknown[] = [];
  #isFirst = true;
  #startedMs = 0;

  constructor(deployment: string, metrics: PublishedMetrics, clock: Clock) {
    this.metrics = metrics;
    this.#logger = new Logger({ serviceName: deployment });
    this.#clock = clock;
  }

  /** Something that nobody foresaw, in a call or beside it: it goes into the line of this call. */
  readonly failed = (error: unknown): void => {
    this.metrics.count(error instanceof InvariantError ? 'broken_invariants' : 'unforeseen_errors');
    this.#errors.push(error);
  };

  /** Must be the first of the middlewares, so that it is the last to end. */
  middleware<Event, Result>(
    describe: (event: Event, result: Result | undefined) => Fields,
  ): MiddlewareObj<Event, Result> {
    return {
      before: () => {
        this.#startedMs = this.#clock.monotonic();
      },
      after: ({ event, context, response }) => {
        this.#write(context.awsRequestId, describe(event, response ?? undefined));
      },
      onError: ({ event, context, error }) => {
        this.failed(error);
        this.#write(context.awsRequestId, describe(event, undefined));
      },
    };
  }

  #write(invocationId: string, described: Fields): void {
    const errors = this.#errors;
    const line = {
      ...described,
      duration_ms: Math.round(10 * (this.#clock.monotonic() - this.#startedMs)) / 10,
      invocation_id: invocationId,
      cold_start: this.#isFirst,
      ...(errors.length === 0 ? {} : { errors }),
    };
    this.#errors = [];
    this.#isFirst = false;
    if (errors.length === 0) this.#logger.info('call', line);
    else this.#logger.error('call', line);
    this.metrics.publish();
  }
}
