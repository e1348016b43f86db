import { createHash, createHmac } from 'node:crypto';
import type { Hash, Hmac } from 'node:crypto';
import { parseHttpDate } from '../../adapters/system/http-date.ts';
import type { Clock } from '../../ports/environment.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { jsonOf } from './answers.ts';
import type { Answer, Question } from './connections.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Signature version 4. */
export interface SignOptions {
  /** By default that of the URL, else `AWS_REGION`. */
  readonly region?: string;
  /** By default that of the URL, else `execute-api`: API Gateway. */
  readonly service?: string;
  /** By default the SDK's chain: environment, profile, container, instance. */
  readonly credentials?: Credentials | (() => Promise<Credentials>);
}

export interface Signer {
  /** The question with the headers that prove who asks. Throws SASL_AUTHENTICATION_FAILED. */
  readonly sign: (question: Question) => Promise<Question>;
  /** Whether the answer refuses a signature for its time, and says what time it is: try again. */
  readonly corrects: (answer: Answer) => boolean;
}

/** Hosts whose requests IAM may have to let in, with their region (AWS General Reference). */
const hosts: readonly (readonly [service: string, host: RegExp])[] = [
  ['execute-api', /\.execute-api\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/],
  ['lambda', /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/],
];

/** Services refuse a signature that is older or newer than five minutes. */
const skewMsMax = 5 * 60 * 1_000;

/** Credentials are asked for anew when less than this is left of them, as the SDK does it. */
const refreshMs = 5 * 60 * 1_000;

/** As `sign` says; by itself for hosts of API Gateway and of function URLs. */
export function signerFor(
  url: URL,
  sign: boolean | SignOptions | undefined,
  clock: Clock,
): Signer | undefined {
  const found = hosts
    .map(([service, host]) => ({ service, region: host.exec(url.hostname)?.[1] }))
    .find(({ region }) => region !== undefined);
  if (sign === false || (sign === undefined && found === undefined)) return undefined;
  const options = typeof sign === 'object' ? sign : {};
  const region = options.region ?? found?.region ?? process.env['AWS_REGION'];
  if (region === undefined || region === '') {
    throw new ProtocolError(
      'INVALID_CONFIG',
      `expected a region to sign for, got none; give \`sign: { region }\` or set AWS_REGION url=${url.href}`,
    );
  }
  const service = options.service ?? found?.service ?? 'execute-api';
  return new Version4(url, { ...options, region, service }, clock);
}

type Settings = SignOptions & { readonly region: string; readonly service: string };

class Version4 implements Signer {
  readonly #url: URL;
  readonly #settings: Settings;
  readonly #clock: Clock;
  /** What the services' clocks are ahead of ours. */
  #skewMs = 0;
  #signature: ReturnType<typeof loadSignature> | undefined;

  constructor(url: URL, settings: Settings, clock: Clock) {
    this.#url = url;
    this.#settings = settings;
    this.#clock = clock;
  }

  async sign(question: Question): Promise<Question> {
    const { headers, body, method, target } = question;
    const [path = '', query = ''] = target.split('?');
    const type = headers['content-type'];
    try {
      const signature = await (this.#signature ??= loadSignature(this.#settings, this.#clock));
      const signed = await signature.sign(
        {
          method,
          protocol: this.#url.protocol,
          hostname: this.#url.hostname,
          path: this.#url.pathname.replace(/\/$/, '') + path,
          query: Object.fromEntries(new URLSearchParams(query)),
          // What a proxy may rewrite is left out.
          headers: {
            host: this.#url.host,
            ...(type === undefined ? {} : { 'content-type': type }),
          },
          body,
        },
        { signingDate: this.#now() / 1_000 },
      );
      return { ...question, headers: { ...headers, ...signed.headers } };
    } catch (error) {
      this.#signature = undefined;
      const refusal = new ProtocolError(
        'SASL_AUTHENTICATION_FAILED',
        `expected AWS credentials to sign requests with, but ${error instanceof Error ? error.message : String(error)}; give \`sign: { credentials }\`, or \`sign: false\` if the API is open to everyone url=${this.#url.href}`,
      );
      refusal.cause = error;
      throw refusal;
    }
  }

  corrects(answer: Answer): boolean {
    const { date } = answer.headers;
    const served = answer.status === 403 && date !== undefined ? parseHttpDate(date) : undefined;
    if (served === undefined) return false;
    const { message, Message = message } = jsonOf(answer);
    const complains = /signature expired|signature not yet current|skewed/i.test(String(Message));
    // API Gateway's HTTP APIs say nothing but Forbidden.
    const isOff = Math.abs(served - this.#now()) >= skewMsMax;
    if (!complains && !isOff) return false;
    this.#skewMs = served - this.#clock.now();
    return true;
  }

  #now(): number {
    return this.#clock.now() + this.#skewMs;
  }
}

/** The packages are loaded by the first request that is signed. */
async function loadSignature({ region, service, credentials }: Settings, clock: Clock) {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const provided = credentials ?? (await defaultCredentials());
  const given = typeof provided === 'function' ? remembered(provided, clock) : provided;
  return new SignatureV4({ region, service, credentials: given, sha256: Sha256 });
}

async function defaultCredentials(): Promise<() => Promise<Credentials>> {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  return defaultProvider();
}

function remembered(provide: () => Promise<Credentials>, clock: Clock): () => Promise<Credentials> {
  let known: Credentials | undefined;
  return async () => {
    const leftMs = (known?.expiration?.getTime() ?? Infinity) - clock.now();
    if (known === undefined || leftMs < refreshMs) known = await provide();
    return known;
  };
}

/** Node's own SHA-256, as the package wants it; with a secret, HMAC. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  /** Asked for by the interface; nobody uses one twice. */
  reset(): void {
    throw new Error('a hash is used once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
