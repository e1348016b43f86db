import { httpFunction } from '../http-function.ts';
import { start } from '../start.ts';

/** Topics, configs, partitions and the cluster; also what no route has. */
export const handler = httpFunction('admin', await start(process.env));
