import { httpFunction } from '../http-function.ts';
import { start } from '../start.ts';

/** Members of consumer groups: heartbeats, commits, and the instances of the REST proxies. */
export const handler = httpFunction('consume', await start(process.env));
