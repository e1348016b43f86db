import withMiddleware from '@middy/core';
import type { Context } from 'aws-lambda';
import { maintainOnce } from '../lib/maintain/pass.ts';
import type { PassResult } from '../lib/maintain/pass.ts';
import { bounded } from './invocation.ts';
import type { Parts } from './start.ts';

/** What a pass leaves of a function's time, for the job that is under way when it ends. */
const reserveMs = 30_000;

/**
 * The handler of the function that does what is due. Every job notes in the table how far it came,
 * so a pass that runs out of time is gone on with by the next.
 */
export function maintainFunction({ engine, telemetry, calls }: Parts) {
  const pass = (_event: unknown, context: Context): Promise<PassResult> => {
    const expired = (): boolean => context.getRemainingTimeInMillis() < reserveMs;
    return maintainOnce(engine, { expired }, { takeOver: true });
  };
  const handler = withMiddleware<unknown, PassResult>(pass, { timeoutEarlyInMillis: 0 })
    .use(telemetry.middleware<unknown, PassResult>((_event, result) => ({ ...result })))
    .use(bounded(calls, engine));
  return (event: unknown, context: Context): Promise<PassResult> =>
    calls.run(context, () => handler(event, context));
}
