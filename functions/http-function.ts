import withMiddleware from '@middy/core';
import type { Context } from 'aws-lambda';
import { createBroker } from '../lib/broker/create-broker.ts';
import { handle } from '../lib/http/handle.ts';
import { requestOfEvent, summaryOf } from '../lib/http/lambda-request.ts';
import type { GatewayEvent } from '../lib/http/lambda-request.ts';
import { resultOf } from '../lib/http/lambda-result.ts';
import type { GatewayResult } from '../lib/http/lambda-result.ts';
import type { Route } from '../lib/http/route.ts';
import { bounded } from './invocation.ts';
import type { Parts } from './start.ts';

/**
 * The longest wait of a fetch. Waiting costs the memory of a process by the millisecond: asking
 * again is cheaper (ADR 8).
 */
const fetchWaitMs = 1_000;

/** The handler of a function that answers the routes of one group. */
export function httpFunction(group: Route['group'], parts: Parts) {
  const { engine, telemetry, calls, publicUrl } = parts;
  const broker = createBroker(engine);
  const answer = async (event: GatewayEvent): Promise<GatewayResult> => {
    const tired = new AbortController();
    const answered = new AbortController();
    const wait = engine.env.clock.sleep(fetchWaitMs, answered.signal).then(() => tired.abort());
    try {
      const surroundings = {
        signal: tired.signal,
        ...(publicUrl === undefined ? {} : { publicUrl }),
      };
      const request = requestOfEvent(event, surroundings);
      return resultOf(request, await handle(broker, request, telemetry.failed, group));
    } finally {
      answered.abort();
      await wait;
    }
  };
  // Middy's own early end would leave behind what it does not wait for.
  const handler = withMiddleware<GatewayEvent, GatewayResult>(answer, { timeoutEarlyInMillis: 0 })
    .use(telemetry.middleware(describe))
    .use(bounded(calls, engine));
  return (event: GatewayEvent, context: Context): Promise<GatewayResult> =>
    calls.run(context, () => handler(event, context));
}

function describe(event: GatewayEvent, result: GatewayResult | undefined) {
  return {
    ...summaryOf(event),
    status: result?.statusCode,
    response_bytes: result?.body.length,
    request_id: result?.headers?.['x-request-id'],
  };
}
