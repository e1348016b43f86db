import * as z from 'zod';
import { malformed, shown } from './faults.ts';
import { int32Max, int64Max } from './record-fields.ts';

/** Numbers are read from their digits, so that none beyond 2^53 is rounded. */
export function integerText(min: bigint, max: bigint, expected: string) {
  return z.string().transform((text, context): bigint => {
    const value = /^\d{1,19}$/.test(text) ? BigInt(text) : -1n;
    if (value >= min && value <= max) return value;
    context.issues.push({ code: 'custom', message: `expected ${expected}`, input: text });
    return z.NEVER;
  });
}

/** Milliseconds, bytes and other counts. */
export const count = integerText(0n, BigInt(int32Max), `an integer from 0 to ${int32Max}`)
  .transform(Number)
  .meta({ type: 'integer', format: 'int32', minimum: 0, maximum: int32Max });
const int64 = (what: string) =>
  integerText(0n, int64Max, `${what} from 0 to ${int64Max}`).meta({
    type: 'integer',
    format: 'int64',
    minimum: 0,
  });

/** Of a fetch. What is above a limit of ours counts as the limit. */
export const fetchQuery = z.object({
  offset: z
    .union([z.literal('beginning'), z.literal('end'), int64('beginning, end or an integer')])
    .describe('Where to begin: an offset, or one of the two ends of the log.'),
  timeout: count.default(0).describe('How many ms to wait for `min_bytes`.'),
  min_bytes: count.default(1).describe('Bytes of batches that are worth an answer.'),
  max_bytes: count
    .optional()
    .describe('The most bytes of batches, and of keys and values in the answer.'),
});

/** Of a look-up of offsets. */
export const offsetsQuery = z.object({
  timestamp: z
    .union([z.literal('max'), int64('max or milliseconds')])
    .optional()
    .describe(
      'Asks for the first record at or after this time, in ms since 1970, or for the latest of all.',
    ),
});

/** The parameters that a schema names; each at most once, others are passed over. */
export function parseQuery<T>(schema: z.ZodType<T>, query: string): T {
  const given: Record<string, string> = Object.create(null);
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  for (const [name, value] of new URLSearchParams(query)) {
    if (!known.includes(name)) continue;
    if (given[name] !== undefined)
      throw malformed(`expected a parameter once, got it again parameter=${name}`);
    given[name] = value;
  }
  const result = schema.safeParse({ ...given });
  if (result.success) return result.data;
  const name = String(result.error.issues[0]?.path[0]);
  const expected = expectedOf(result.error.issues);
  throw malformed(`${expected}, got ${shown(given[name])} parameter=${name}`);
}

/** Our own words, which in a union lie in its last branch. */
function expectedOf(issues: readonly z.core.$ZodIssue[]): string {
  const issue = issues[0];
  if (issue?.code === 'invalid_union') return expectedOf(issue.errors.at(-1) ?? []);
  return issue?.code === 'custom' ? issue.message : 'expected a value';
}
