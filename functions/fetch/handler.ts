import { httpFunction } from '../http-function.ts';
import { start } from '../start.ts';

/** Reads records and offsets. */
export const handler = httpFunction('fetch', await start(process.env));
