import * as z from 'zod';
import { malformed, shown } from './faults.ts';
import { isRawNumber, parseJson, textOf } from './json.ts';

const integer = z.int();
const configName = z.string().min(1);
/** Configs are strings in Kafka; existing clients send numbers and booleans, too. */
const configValue = z
  .union([z.string(), z.int(), z.boolean(), z.null()])
  .transform((value) => (value === null ? null : String(value)));

export const createTopicBody = z.strictObject({
  topic_name: z.string(),
  partitions_count: integer.optional(),
  replication_factor: integer.optional(),
  configs: z.array(z.strictObject({ name: configName, value: configValue })).optional(),
  validate_only: z.boolean().optional(),
});

export const updateTopicBody = z.strictObject({ partitions_count: integer });

export const updateConfigBody = z.strictObject({ value: configValue });

export const alterConfigsBody = z.strictObject({
  data: z
    .array(
      z.strictObject({
        name: configName,
        value: configValue.optional(),
        operation: z.enum(['SET', 'DELETE', 'APPEND', 'SUBTRACT']).optional(),
      }),
    )
    .min(1),
  validate_only: z.boolean().optional(),
});

/** The body as the schema has it, or 40001 that names the first field that is wrong. */
export function parseBody<T>(schema: z.ZodType<T>, body: Uint8Array): T {
  const result = schema.safeParse(parseJson(textOf(body)), { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw malformed(issue === undefined ? 'expected another body' : describe(issue));
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  const field = path === '' ? '' : ` field=${path}`;
  const got = isRawNumber(issue.input) ? 'a number beyond 2^53' : shown(issue.input);
  switch (issue.code) {
    case 'unrecognized_keys':
      return `expected no other fields here, got ${shown(issue.keys[0])}${field}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}, got ${got}${field}`;
    case 'invalid_type':
      return `expected ${nounOf(issue.expected)}, got ${got}${field}`;
    case 'too_small':
      return `expected at least ${issue.minimum}${ofWhat(issue.origin)}, got ${got}${field}`;
    case 'invalid_union':
      return `expected a string, an integer, a boolean or null, got ${got}${field}`;
    default:
      return `expected another value, got ${got}${field}`;
  }
}

function nounOf(expected: string): string {
  // Every number in these bodies is an integer.
  if (expected === 'int' || expected === 'number') return 'an integer';
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function ofWhat(origin: string): string {
  if (origin === 'string') return ' character';
  return origin === 'array' ? ' entry' : '';
}
