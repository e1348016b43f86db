import * as z from 'zod';
import { text } from './values.ts';

export const link = z.object({ related: z.url() });

/** What every resource begins with. */
export function resource(kind: string, fields: z.ZodRawShape) {
  const metadata = z.object({ self: z.url(), resource_name: text });
  return z.object({ kind: z.literal(kind), metadata, cluster_id: text, ...fields });
}

export function list(kind: string, entry: z.ZodType) {
  const metadata = z.object({ self: z.url(), next: z.url().nullable() });
  return z.object({ kind: z.literal(kind), metadata, data: z.array(entry) });
}
