import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Method, Route } from '../lib/http/route.ts';
import { routes } from '../lib/http/routes.ts';

/** An API with a URL. */
export interface Gateway {
  readonly apiId: string;
  readonly stageName: string;
  /** With no slash at the end. */
  readonly url: string;
  /** The ARN of calls of one method, or `*`; path with its variables as stars. */
  arnFor(method: string, path: string): string;
}

export type Handlers = Readonly<Record<Route['group'], IFunction>>;

/** Above the functions' 25 s, and the most that API Gateway allows. */
export const gatewayTimeoutSeconds = 29;

export interface GatewayRoute {
  readonly method: Method | 'HEAD';
  readonly path: string;
  readonly group: Route['group'];
}

/** Who answers what no route matches: other methods, other paths. */
export const fallbackGroup = 'admin';

/**
 * What the gateway routes, made from the one table of routes. HEAD is told apart only where it does
 * not lead to the function that gets the rest.
 */
export const gatewayRoutes: readonly GatewayRoute[] = routes.flatMap(({ method, path, group }) => {
  const own = { method, path, group };
  const needsHead = method === 'GET' && group !== fallbackGroup;
  return needsHead ? [own, { ...own, method: 'HEAD' as const }] : [own];
});
