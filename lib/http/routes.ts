import { plainTypes } from './media-types.ts';
import { getHealth, getIndex } from './metadata.ts';
import { describeApi } from './openapi/describe-api.ts';
import { at, route } from './route.ts';
import type { Route } from './route.ts';
import { consumerRoutes } from './routes-consumers.ts';
import { groupRoutes } from './routes-groups.ts';
import { routesV2 } from './routes-v2.ts';
import { clusterRoutesV3 } from './routes-v3-cluster.ts';
import { groupRoutesV3 } from './routes-v3-groups.ts';
import { topicRoutesV3 } from './routes-v3-topics.ts';

const admin = { group: 'admin', status: 200, produces: plainTypes } as const;

/** Every operation of the HTTP API: the router, the permissions and the description come from here. */
export const routes: readonly Route[] = [
  route({
    ...at('GET', '/', 'getIndex', 'The way in'),
    ...admin,
    answers: 'Index',
    handler: getIndex,
  }),
  route({
    ...at('GET', '/health', 'getHealth', 'Say whether the service answers'),
    ...admin,
    answers: 'Health',
    handler: getHealth,
  }),
  route({
    ...at('GET', '/openapi.json', 'getDocument', 'This description of the API'),
    ...admin,
    answers: 'Document',
    handler: (call) => describeApi(call, routes),
  }),
  ...routesV2,
  ...consumerRoutes,
  ...clusterRoutesV3,
  ...topicRoutesV3,
  ...groupRoutes,
  ...groupRoutesV3,
];
