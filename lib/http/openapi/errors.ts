import * as z from 'zod';
import { statusOf } from '../faults.ts';
import { errorTypes } from '../media-types.ts';
import type { Route } from '../route.ts';
import { headerRefs } from './headers.ts';

/** Answers that are errors, of ours and of what stands in front of a deployed service. */

const errorShape = z
  .object({
    error_code: z.int().describe('Its first three digits are the status.'),
    message: z.string().describe('What was expected, and what came.'),
    command_id: z.string().optional().describe('With 50401: names what was sent.'),
    retry_may_duplicate: z
      .boolean()
      .optional()
      .describe('With 50401: whether sending it again may do it twice.'),
  })
  .meta({ examples: [{ error_code: 40_401, message: 'no such topic' }] });

const gatewayShape = z
  .object({ message: z.string().nullable() })
  .describe("API Gateway's own words, where a deployed service is not reached.");

const { $schema: _, ...error } = z.toJSONSchema(errorShape, { io: 'input' });
const { $schema: __, ...gatewayError } = z.toJSONSchema(gatewayShape, { io: 'input' });

export const errorSchemas = { Error: error, GatewayError: gatewayError };

const descriptions: Readonly<Record<number, string>> = {
  400: 'Something in the request is not what it should be.',
  403: 'Not allowed: where a deployed service asks for signed requests.',
  404: 'What the path names is not there.',
  406: 'The types that `Accept` allows are not among those of the answer.',
  408: 'The request did not come whole in time.',
  409: "The producer's or member's epoch, its sequence, or what the group is does not allow it.",
  413: 'Too large; split it.',
  415: 'The body is of another type, or encoded.',
  422: 'A record cannot be taken.',
  429: 'Too much at once. Nothing happened; come again.',
  431: 'The headers are too large.',
  500: 'The service failed, or (50003) could not do it now. With 50003 nothing happened.',
  502: 'A deployed function failed.',
  503: 'A deployed function could not be reached.',
  504: 'Out of time. With 50401 it may have happened, or may yet happen.',
};

/** What every route can answer, beside its own errors. */
const everywhere = [406, 40_801, 413, 42_901, 431, 50_002, 50_003];
const byGateways = [403, 413, 429, 500, 502, 503, 504];

interface ErrorAnswer {
  readonly status: number;
  /** The same for the same answer: many rows share it. */
  readonly name: string;
  readonly response: object;
}

/** The errors of a row, by status. */
function errorAnswers(route: Route): readonly ErrorAnswer[] {
  const codes = new Set([...everywhere, ...route.errors]);
  if (route.consumes.length > 0) codes.add(415).add(40_001);
  if (route.query !== undefined) codes.add(40_001);
  // Of a path whose parts cannot be decoded.
  if (route.path.includes('{')) codes.add(404);
  const sorted = [...codes].toSorted((a, b) => a - b);
  const statuses = new Set([...sorted.map(statusOf), ...byGateways]);
  return [...statuses]
    .toSorted((a, b) => a - b)
    .map((status) => {
      const own = sorted.filter((code) => statusOf(code) === status);
      const types = errorTypes(route.path);
      const name = [types.length === 1 ? 'V3' : 'V2', status, ...own].join('_');
      return { status, name, response: errorResponse(status, own, types) };
    });
}

/** The errors of a row as references. */
export function errorResponses(route: Route): Record<string, object> {
  return Object.fromEntries(
    errorAnswers(route).map(({ status, name }) => [
      status,
      { $ref: `#/components/responses/${name}` },
    ]),
  );
}

/** What they refer to. */
export function errorComponents(routes: readonly Route[]): Record<string, object> {
  return Object.fromEntries(
    routes.flatMap(errorAnswers).map(({ name, response }) => [name, response]),
  );
}

function errorResponse(status: number, codes: readonly number[], types: readonly string[]): object {
  const ours = {
    $ref: '#/components/schemas/Error',
    properties: { error_code: { enum: codes } },
  };
  const theirs = { $ref: '#/components/schemas/GatewayError' };
  const schemas = [
    ...(codes.length > 0 ? [ours] : []),
    ...(byGateways.includes(status) ? [theirs] : []),
  ];
  const schema = schemas.length === 1 ? schemas[0] : { anyOf: schemas };
  return {
    description: descriptions[status],
    headers: headerRefs(['Tailrace-Error', ...(status === 429 ? (['Retry-After'] as const) : [])]),
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  };
}
