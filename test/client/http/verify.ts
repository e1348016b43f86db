import { createHash, createHmac } from 'node:crypto';

/** What was signed, as the one who is asked sees it. */
export interface Signed {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** RFC 3986: all but letters, digits, `-`, `.`, `_` and `~`. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * The signature that a request should have, written after the documentation ("Create a signed AWS
 * API request") and not with the package that makes it.
 */
export function signatureOf(
  { method, target, headers, body }: Signed,
  {
    secret,
    scope,
    names,
  }: { readonly secret: string; readonly scope: string; readonly names: string },
): string {
  const [path = '', query = ''] = target.split('?');
  const parameters = [...new URLSearchParams(query)]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted();
  const canonical = [
    method,
    // The path as it was sent, each part of it encoded once more.
    path.split('/').map(encode).join('/'),
    parameters.join('&'),
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const [day = '', region = '', service = '', end = ''] = scope.split('/');
  const date = String(headers['x-amz-date']);
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, end].reduce<string | Uint8Array>(hmac, `AWS4${secret}`);
  return hmac(key, text).toString('hex');
}

/** The parts of an `Authorization` header; undefined if it is another. */
export function parseAuthorization(header: string | undefined) {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      header ?? '',
    );
  if (found === null) return undefined;
  const [, keyId = '', scope = '', names = '', signature = ''] = found;
  return { keyId, scope, names, signature };
}

/** ms since 1970 of `20260131T120000Z`. */
export function timeOf(date: string): number {
  return Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}
