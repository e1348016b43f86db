import { maintainFunction } from '../maintain-function.ts';
import { start } from '../start.ts';

/** Does what is due, by a schedule. */
export const handler = maintainFunction(await start(process.env));
