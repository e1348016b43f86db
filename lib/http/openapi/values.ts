import * as z from 'zod';

/** Values that several shapes are made of. */

/** An integer of Kafka's, which may be beyond 2^53. */
export const int64 = z.number().meta({ type: 'integer', format: 'int64' });
export const int32 = z.number().meta({ type: 'integer', format: 'int32', minimum: 0 });
export const text = z.string();
const sextet = '[A-Za-z0-9+/]';
/** Padded, and what its last character does not need is 0. */
export const base64 = z.string().meta({
  contentEncoding: 'base64',
  pattern: `^(?:${sextet}{4})*(?:${sextet}[AQgw]==|${sextet}{2}[AEIMQUYcgkosw048]=)?$`,
});
export const anyJson = z.unknown().describe('Any JSON value.');

/** A header of a record, in both directions. */
export const recordHeader = z
  .strictObject({ name: z.string(), value: base64.nullish() })
  .meta({ examples: [{ name: 'source', value: 'c2Vuc29y' }] });

const isoPattern = String.raw`^(197[1-9]|19[89]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$`;

/** When a record was made, as a request says it. */
export const timestamp = z
  .union([
    z.number().meta({ type: 'integer', format: 'int64', minimum: 0 }),
    z.string().meta({ format: 'date-time', pattern: isoPattern }),
  ])
  .describe('Milliseconds since 1970, or a time of ISO 8601 with a zone.');
