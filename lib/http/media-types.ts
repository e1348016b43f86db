import { HttpFault, shown } from './faults.ts';

/** How keys and values are carried in JSON. */
export type RecordFormat = 'binary' | 'json';

const binaryRecords = 'application/vnd.kafka.binary.v2+json';
const jsonRecords = 'application/vnd.kafka.json.v2+json';
const anyKafka = 'application/vnd.kafka+json';
const plainJson = 'application/json';

/** Record batches of Kafka's format 2, as they are: one in a request, any number in an answer. */
export const rawBatch = 'application/octet-stream';

/** Metadata in v2, the one we prefer first. */
export const metadataTypes = ['application/vnd.kafka.v2+json', anyKafka, plainJson] as const;
/** Records in v2, in both directions. Who accepts anything gets JSON, which people can read. */
export const recordTypes = [jsonRecords, binaryRecords, anyKafka, plainJson] as const;
/** Of records in this format, in answers. */
export const recordTypesOf = (format: RecordFormat): readonly string[] =>
  recordTypes.filter((type) => recordFormatOf(type) === format);
/** Everything in v3. */
export const plainTypes = [plainJson] as const;

/** Of an error: below `/v3/` there is one type for everything. */
export function errorTypes(path: string): readonly string[] {
  return path.startsWith('/v3/') ? plainTypes : metadataTypes;
}

/** Of one of `recordTypes`. */
export function recordFormatOf(mediaType: string): RecordFormat {
  return mediaType === binaryRecords ? 'binary' : 'json';
}

interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((each) => each.startsWith('q='))?.slice(2);
  // RFC 9110 section 12.4.2; what is not a weight counts as none.
  const valid = quality !== undefined && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(quality);
  return { type, quality: valid ? Number(quality) : 1 };
}

/** The weight of `type`: that of the most specific range which covers it (RFC 9110, 12.5.1). */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const candidate of [type, family, '*/*']) {
    const qualities = ranges.filter((range) => range.type === candidate).map((r) => r.quality);
    if (qualities.length > 0) return Math.max(...qualities);
  }
  return 0;
}

/** The type to answer in: the most wanted of `offered`, the first among equals. 406 if none. */
export function negotiate(accept: string | undefined, offered: readonly string[]): string {
  const ranges = (accept ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(parseRange);
  if (ranges.length === 0) ranges.push({ type: '*/*', quality: 1 });
  let best: MediaRange | undefined;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  if (best !== undefined) return best.type;
  const got = shown(accept);
  throw new HttpFault(
    406,
    `expected an accept header that allows one of ${offered.join(', ')}, got accept=${got}`,
  );
}

/** The type of the request's body, one of `accepted`. 415 if it is another, or not UTF-8. */
export function requestType(
  headers: Readonly<Record<string, string | undefined>>,
  accepted: readonly string[],
): string {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== '') {
    throw new HttpFault(
      415,
      `expected a body without content-encoding, got content-encoding=${shown(encoding)}`,
    );
  }
  const given = headers['content-type'];
  const [type = '', ...parameters] = (given ?? '').split(';').map((p) => p.trim().toLowerCase());
  const charset = parameters.find((each) => each.startsWith('charset='))?.slice(8);
  const utf8 = charset === undefined || /^"?(?:utf-?8|us-ascii)"?$/.test(charset);
  if (accepted.includes(type) && utf8) return type;
  throw new HttpFault(
    415,
    `expected a content-type of ${accepted.join(', ')} in UTF-8, got content-type=${shown(given)}`,
  );
}
