import findMyWay from 'find-my-way';
import type { Params } from './call.ts';
import { HttpFault, shown } from './faults.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

interface Found {
  readonly route: Route;
  readonly params: Params;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Longer than any name, so that too long a name is refused by what checks names. */
const parameterLengthMax = 8_192;

const router = findMyWay({ maxParamLength: parameterLengthMax });
const unused = () => undefined;
for (const route of routes) {
  // Colons stand for themselves in the table; the router doubles them.
  const pattern = route.path.replaceAll(':', '::').replaceAll(/\{(\w+)\}/g, ':$1');
  router.on(route.method, pattern, unused, route);
}

/**
 * Finds what is there, in the path as the router reads it: it does not look at the first
 * character, takes `#` for a query's begin, and knows no encoded colon.
 */
function find(method: (typeof methods)[number], path: string) {
  const routable = path.replaceAll('#', '%23').replaceAll(/%3a/gi, ':');
  return path.startsWith('/') ? router.find(method, routable) : null;
}

/** The row of a request; 404 if there is no such path, 405 if it has other methods. */
export function findRoute(method: string, path: string): Found {
  const own = methods.find((each) => each === (method === 'HEAD' ? 'GET' : method));
  const found = own === undefined ? null : find(own, path);
  if (found !== null) return { route: found.store as Route, params: found.params };
  const allow = allowedMethods(path);
  throw new HttpFault(
    405,
    `expected one of the methods ${allow}, got method=${shown(method)} path=${shown(path)}`,
    { allow },
  );
}

/** The methods of a path, as an `Allow` header has them; 404 if it has none. */
export function allowedMethods(path: string): string {
  const allowed: string[] = methods.filter((each) => find(each, path) !== null);
  if (allowed.length === 0) {
    throw new HttpFault(
      404,
      `expected a path of the api, such as /topics or /v3/clusters, got path=${shown(path)}`,
    );
  }
  if (allowed.includes('GET')) allowed.splice(1, 0, 'HEAD');
  return [...allowed, 'OPTIONS'].join(', ');
}
