import { must } from '../../std/assert.ts';
import { rawBatch, recordFormatOf } from '../media-types.ts';
import type { Route } from '../route.ts';
import { errorComponents, errorResponses, errorSchemas } from './errors.ts';
import { headerRefs, headers } from './headers.ts';
import { parametersOf } from './parameters.ts';
import { shapes, shapeSchemas } from './shapes.ts';
import type { ShapeName } from './shapes.ts';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly [more: string]: unknown;
}

/** Bodies in which one JSON value follows the other: no schema can say so, and no tool reads it. */
const concatenated = { 'x-tailrace-concatenated': true } as const;

const description = `Kafka's log as a service, in the words of Kafka's REST proxies.

Every error is \`{error_code, message}\`: the status is the first three digits of its code, and the
message says what was expected, what came and what to do. Acknowledged is durable. An unknown
outcome (50401) is never answered with a code that stands for "nothing happened". GET can be asked
as HEAD everywhere, and OPTIONS answers with the methods of a path.`;

const tags = [
  { name: 'Service', description: 'The way in, health, and this description.' },
  {
    name: 'Version 2',
    description: 'Producing and fetching, as REST proxies of version 2 have it.',
  },
  { name: 'Cluster', description: 'Version 3: the cluster, its one broker, replicas.' },
  { name: 'Topics', description: 'Version 3: topics, configs and partitions.' },
  { name: 'Records', description: 'Version 3: producing.' },
  { name: 'Consumers', description: 'Version 2: consumer instances.' },
  { name: 'Groups', description: "Consumer groups: Kafka's own calls, and version 3 for tools." },
] as const;

type Tag = (typeof tags)[number]['name'];

function tagOf({ path, group }: Route): Tag {
  if (/\/(?:groups|consumer-groups)\b/.test(path)) return 'Groups';
  if (path.startsWith('/consumers/')) return 'Consumers';
  if (!path.startsWith('/v3/')) return /^\/(?:topics|brokers)/.test(path) ? 'Version 2' : 'Service';
  if (group === 'produce') return 'Records';
  const isOfTopics = path.includes('/topics') && !/\/(?:replicas|reassignment)/.test(path);
  return isOfTopics ? 'Topics' : 'Cluster';
}

/** The description of these routes, by OpenAPI 3.1. Who serves it adds `servers`. */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tailrace',
      version: '0.1.0',
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags,
    // Signed where it is deployed so; a laptop asks for nothing.
    security: [{}, { sigv4: [] }],
    paths,
    components: {
      schemas: { ...errorSchemas, ...shapeSchemas() },
      responses: errorComponents(routes),
      headers,
      securitySchemes: {
        sigv4: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'AWS Signature Version 4 for the service `execute-api`.',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      },
    },
  };
}

function operationOf(route: Route): object {
  const { operation, summary, description: more, consumes } = route;
  return {
    operationId: operation,
    summary,
    ...(more === undefined ? {} : { description: more }),
    tags: [tagOf(route)],
    parameters: parametersOf(route),
    ...(consumes.length === 0
      ? {}
      : {
          requestBody: {
            required: route.optionalBody !== true,
            content: contentOf(route, consumes, route.reads),
          },
        }),
    responses: { ...successes(route), ...errorResponses(route) },
  };
}

function successes(route: Route): Record<string, object> {
  const { status, alsoStatus, answers, answerHeaders = [], produces } = route;
  const content = answers === undefined ? {} : { content: contentOf(route, produces, answers) };
  const answer = { description: 'Done.', headers: headerRefs(answerHeaders), ...content };
  const also =
    alsoStatus === undefined ? {} : { [alsoStatus]: { ...answer, headers: headerRefs([]) } };
  return { [status]: answer, ...also };
}

function contentOf(
  { operation, live }: Route,
  types: readonly string[],
  shape: ShapeName | undefined,
): Record<string, object> {
  const mark = live === undefined ? {} : concatenated;
  const name = must(shape, `shape of ${operation}`);
  return Object.fromEntries(
    types.map((type) => [
      type,
      type === rawBatch ? {} : { schema: { $ref: refOf(name, type) }, ...mark },
    ]),
  );
}

/** Records look different where keys and values are base64. */
function refOf(name: ShapeName, type: string): string {
  const inBase64 = `Binary${name}`;
  const isOwn = recordFormatOf(type) === 'binary' && inBase64 in shapes;
  return `#/components/schemas/${isOwn ? inBase64 : name}`;
}
