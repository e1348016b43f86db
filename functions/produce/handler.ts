import { httpFunction } from '../http-function.ts';
import { start } from '../start.ts';

/** Appends records. */
export const handler = httpFunction('produce', await start(process.env));
