import * as z from 'zod';
import { limits } from '../std/limits.ts';
import type { Call, Reply } from './call.ts';
import { selfOf } from './cluster.ts';
import { malformed, shown } from './faults.ts';
import { toJson } from './json.ts';
import { integerText } from './query.ts';

/** What base64url is made of (RFC 4648, section 5). */
const sextet = '[A-Za-z0-9_-]';

/** Which part of a list: how many entries, and behind which. Without a size: all the rest. */
export const pageQuery = z.object({
  page_size: integerText(
    1n,
    BigInt(limits.pageEntriesMax),
    `an integer from 1 to ${limits.pageEntriesMax}`,
  )
    .transform(Number)
    .meta({ type: 'integer', minimum: 1, maximum: limits.pageEntriesMax })
    .optional()
    .describe('The most entries to answer. Without it: all of them.'),
  page_token: z
    .string()
    .meta({
      minLength: 1,
      pattern: `^(?:${sextet}{4})*(?:${sextet}[AQgw]|${sextet}{2}[AEIMQUYcgkosw048])?$`,
    })
    .optional()
    .describe('Where a page begins, as `metadata.next` of the page before says.'),
});

export type PageCall = Call<undefined, z.output<typeof pageQuery>>;

/** One entry of a list. Its key tells where a page ended, so lists are in the order of keys. */
export interface Entry {
  readonly key: string;
  readonly make: () => object;
}

/** What a page holds, so that with what stands around its entries it is an answer that fits. */
const pageBytesMax = limits.responseBytesMax - 64 * 1_024;

/**
 * A page of a list of v3. `next` leads to the one after it, also where an answer ended before
 * `page_size` because it would have become too large; null on the last. Who names no size gets no
 * part for the whole: all of it, or 413 where the platform cannot carry it.
 */
export function pageReply(
  call: PageCall,
  kind: string,
  path: string,
  entries: readonly Entry[],
): Reply {
  const { page_size: size, page_token: token } = call.query;
  const rest = entriesAfter(entries, token);
  const texts: string[] = [];
  let bytes = 0;
  for (const { make } of rest) {
    const text = toJson(make());
    bytes += Buffer.byteLength(text) + 1;
    const isFull = texts.length === size || (texts.length > 0 && bytes > pageBytesMax);
    if (size !== undefined && isFull) break;
    texts.push(text);
  }
  const self = selfOf(call, path);
  const last = rest[texts.length - 1];
  const next = texts.length < rest.length && last !== undefined ? tokenOf(last.key) : undefined;
  const metadata = {
    self: token === undefined && size === undefined ? self : pageUrl(self, size, token),
    next: next === undefined ? null : pageUrl(self, size, next),
  };
  const head = `{"kind":${toJson(kind)},"metadata":${toJson(metadata)}`;
  return { text: `${head},"data":[${texts.join(',')}]}` };
}

function entriesAfter(entries: readonly Entry[], token: string | undefined): readonly Entry[] {
  if (token === undefined) return entries;
  const after = Buffer.from(token, 'base64url').toString('utf8');
  if (token === '' || tokenOf(after) !== token) {
    throw malformed(
      `expected a page_token as the next of a page has it, got ${shown(token)} parameter=page_token`,
    );
  }
  const begin = entries.findIndex(({ key }) => key > after);
  return begin < 0 ? [] : entries.slice(begin);
}

const tokenOf = (key: string): string => Buffer.from(key, 'utf8').toString('base64url');

function pageUrl(self: string, size: number | undefined, token: string | undefined): string {
  const query = new URLSearchParams();
  if (size !== undefined) query.set('page_size', String(size));
  if (token !== undefined) query.set('page_token', token);
  return `${self}?${String(query)}`;
}
