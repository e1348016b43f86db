import * as z from 'zod';
import { malformed, shown } from './faults.ts';
import { isRawNumber, parseJson, textOf } from './json.ts';
import { limits } from '../std/limits.ts';

/** For the description, as JSON Schema has it. */
export const topicName = {
  pattern: '^[A-Za-z0-9._-]+$',
  minLength: 1,
  maxLength: limits.topicNameLengthMax,
};

const integer = z.int();
const configName = z.string().min(1);
/** Configs are strings in Kafka; existing clients send numbers and booleans, too. */
const configValue = z
  .union([z.string(), z.int(), z.boolean(), z.null()])
  .transform((value) => (value === null ? null : String(value)));

/** The bounds are for the description: the broker checks them, and says more. */
const partitionsMax = { maximum: limits.partitionsMax };

export const createTopicBody = z
  .strictObject({
    topic_name: z.string().meta(topicName),
    partitions_count: integer.optional().meta({ minimum: -1, ...partitionsMax }),
    replication_factor: integer.optional().meta({ minimum: -1, maximum: 2 ** 15 - 1 }),
    configs: z.array(z.strictObject({ name: configName, value: configValue })).optional(),
    validate_only: z.boolean().optional(),
  })
  .meta({ examples: [{ topic_name: 'rivers', partitions_count: 3 }] });

export const updateTopicBody = z
  .strictObject({ partitions_count: integer.meta({ minimum: 1, ...partitionsMax }) })
  .meta({ examples: [{ partitions_count: 6 }] });

export const updateConfigBody = z
  .strictObject({ value: configValue })
  .meta({ examples: [{ value: '86400000' }] });

export const alterConfigsBody = z
  .strictObject({
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
  })
  .meta({ examples: [{ data: [{ name: 'retention.ms', value: '86400000' }] }] });

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
    case 'too_big':
      return `expected at most ${issue.maximum}${ofWhat(issue.origin)}, got ${got}${field}`;
    case 'custom':
      return `${issue.message}, got ${got}${field}`;
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
