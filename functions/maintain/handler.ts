import type { Context } from 'aws-lambda';
import { isLagEvent } from '../configuration.ts';
import { lagFunction } from '../lag-function.ts';
import { maintainFunction } from '../maintain-function.ts';
import { start } from '../start.ts';

const parts = await start(process.env);
const pass = maintainFunction(parts);
const lag = lagFunction(parts);

/** Does what is due, or measures lag, by schedules. */
export const handler = (event: unknown, context: Context) =>
  isLagEvent(event) ? lag(event, context) : pass(event, context);
