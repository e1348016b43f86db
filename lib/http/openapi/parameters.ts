import * as z from 'zod';
import { groupBounds } from '../../core/group/bounds.ts';
import { limits } from '../../std/limits.ts';
import { must } from '../../std/assert.ts';
import type { Route } from '../route.ts';
import { topicName } from '../schemas.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly required: boolean;
  readonly schema: object;
}

interface Described {
  readonly description: string;
  readonly schema: object;
  readonly example: unknown;
}

const pathParameters: Readonly<Record<string, Described>> = {
  cluster: {
    description: 'Id of the cluster, as `/v3/clusters` tells it.',
    schema: { type: 'string', minLength: 1 },
    example: 'bG9nIG9mIHJpdmVycw',
  },
  topic: {
    description: 'Name of a topic.',
    schema: { type: 'string', ...topicName },
    example: 'rivers',
  },
  partition: {
    description: 'Number of a partition, counted from 0.',
    schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 2 ** 31 - 1 },
    example: 0,
  },
  group: {
    description: 'Name of a consumer group.',
    schema: { type: 'string', minLength: 1, maxLength: groupBounds.nameBytesMax },
    example: 'gauges',
  },
  instance: {
    description: 'Name of a consumer instance.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]+$', minLength: 1 },
    example: 'gauge-1',
  },
  consumer: {
    description: 'Id of a member of the group.',
    schema: { type: 'string', minLength: 1, maxLength: groupBounds.nameBytesMax },
    example: 'gauge-1',
  },
  broker: {
    description: 'Id of the broker: 0.',
    schema: { type: 'integer', format: 'int32' },
    example: 0,
  },
  name: {
    description: "Kafka's name of a topic config.",
    schema: { type: 'string', minLength: 1 },
    example: 'retention.ms',
  },
};

const header = (name: string, description: string, schema: object): Parameter => ({
  name,
  in: 'header',
  description,
  required: false,
  schema,
});

const requestId = header(
  'X-Request-Id',
  'Names the request in the answer and in logs, if it consists of at most 128 letters, digits and . _ : + / = -.',
  { type: 'string' },
);
const idempotencyKey = header(
  'Idempotency-Key',
  'A repetition with the same key answers with the original offsets instead of appending again.',
  {
    type: 'string',
    minLength: 1,
    maxLength: limits.idempotencyKeyLengthMax,
    pattern: '^[!-~](?:[ -~]*[!-~])?$',
  },
);

/** What of a request is not in its body. */
export function parametersOf({ path, query, group }: Route): readonly Parameter[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): Parameter => {
    return { name, in: 'path', required: true, ...must(pathParameters[name], name) };
  });
  const inQuery = query instanceof z.ZodObject ? queryParameters(query) : [];
  return [...inPath, ...inQuery, ...(group === 'produce' ? [idempotencyKey] : []), requestId];
}

function queryParameters(query: z.ZodObject): readonly Parameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', ...schema } = property as { readonly description?: string };
    return { name, in: 'query', description, required: required.includes(name), schema };
  });
}
