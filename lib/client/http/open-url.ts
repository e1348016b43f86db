import { systemClock } from '../../adapters/system/clock.ts';
import { createIds } from '../../adapters/system/ids.ts';
import type { Clock } from '../../ports/environment.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { bounded, msMax } from '../bounded.ts';
import type { Transport } from '../transport.ts';
import { Conversation } from './conversation.ts';
import { signerFor } from './sign.ts';
import type { SignOptions } from './sign.ts';
import { HttpTransport } from './transport.ts';

/** How requests are made. */
export interface HttpOptions {
  /**
   * Signature version 4. By itself for a URL of API Gateway or of a function; `false`: never, for
   * an API that is open; `true`, or where and as whom: always, for a domain of one's own.
   */
  readonly sign?: boolean | SignOptions;
  /** Sent with every request: what an authorizer wants, say. */
  readonly headers?: Readonly<Record<string, string>>;
  /** From a request to its answer, beside what a fetch waits: 30 s by default (Kafka's request.timeout.ms). */
  readonly requestTimeoutMs?: number;
}

/** The log behind a URL. No request is made until it is used. INVALID_CONFIG if it is none. */
export function openUrl(
  url: string | URL,
  { sign, headers = {}, requestTimeoutMs = 30_000 }: HttpOptions = {},
  clock: Clock = systemClock(),
): Transport {
  const parsed = parse(url);
  const signer = signerFor(parsed, sign, clock);
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return new HttpTransport(
    new Conversation({
      url: parsed,
      headers: Object.fromEntries(lowerCase) as Record<string, string>,
      requestTimeoutMs: bounded('requestTimeoutMs', requestTimeoutMs, 1, msMax),
      clock,
      ids: createIds(),
      ...(signer === undefined ? {} : { signer }),
    }),
  );
}

function parse(url: string | URL): URL {
  const parsed = URL.parse(String(url));
  const { protocol, username, search, hash } = parsed ?? {};
  const isPlain =
    (protocol === 'http:' || protocol === 'https:') && `${username}${search}${hash}` === '';
  if (parsed !== null && isPlain) return parsed;
  throw new ProtocolError(
    'INVALID_CONFIG',
    `expected a URL of http or https without user, query and fragment, got url=${String(url)}`,
  );
}
