import { ProtocolError } from '../protocol/errors.ts';
import { LogClient } from './client.ts';
import type { Stores } from './direct/open-stores.ts';
import type { HttpOptions } from './http/open-url.ts';
import type { Transport } from './transport.ts';
import type { Client } from './types.ts';

/** Over HTTP: an API on AWS, or what `tailrace serve` prints. */
interface UrlOptions extends HttpOptions {
  readonly url: string | URL;
}

/** What a stack of CloudFormation says in its outputs. */
interface StackOptions extends HttpOptions {
  readonly stack: string;
  /** Through its API by default; `stores`: as with `table` and `bucket`. */
  readonly via?: 'api' | 'stores';
  /** By default the SDK's: `AWS_REGION`, or the profile's. */
  readonly region?: string;
}

/** A directory that no other process holds; created if it is missing. */
interface DirectoryOptions {
  readonly dir: string;
}

export type ClientOptions = UrlOptions | Stores | StackOptions | DirectoryOptions;

/** What goes with what. */
const kinds: Readonly<
  Record<string, { readonly needs: readonly string[]; readonly may: readonly string[] }>
> = {
  url: { needs: ['url'], may: ['sign', 'headers', 'requestTimeoutMs'] },
  stores: { needs: ['table', 'bucket'], may: ['region'] },
  stack: { needs: ['stack'], may: ['via', 'region', 'sign', 'headers', 'requestTimeoutMs'] },
  dir: { needs: ['dir'], may: [] },
};

/**
 * A client of the log that the options name. It is usable, or this rejects: with INVALID_CONFIG for
 * options that do not fit together, a stack or a table that is not there, a stack without the
 * outputs; with `DirectoryInUse` for a directory that another process holds. A URL is not asked
 * before it is used.
 */
export async function createClient(options: ClientOptions): Promise<Client> {
  return new LogClient(await open(options));
}

async function open(options: ClientOptions): Promise<Transport> {
  check(options);
  if ('url' in options) return openUrl(options);
  if ('stack' in options) return openStack(options);
  if ('dir' in options) return openDirectory(options.dir);
  return openStores(options);
}

// What nobody uses is not loaded: the SDK takes a tenth of a second, SQLite a thread, HTTP its modules.

async function openUrl({ url, ...options }: UrlOptions): Promise<Transport> {
  const http = await import('./http/open-url.ts');
  return http.openUrl(url, options);
}

async function openStack(options: StackOptions): Promise<Transport> {
  const { stack, via = 'api', region } = options;
  const { stackOutputs } = await import('./direct/stack-outputs.ts');
  if (via === 'api') {
    const { url } = await stackOutputs(stack, ['url'], region);
    return openUrl({ ...options, url });
  }
  const stores = await stackOutputs(stack, ['table', 'bucket'], region);
  return openStores({ ...stores, ...(region === undefined ? {} : { region }) });
}

async function openDirectory(dir: string): Promise<Transport> {
  const direct = await import('./direct/open-directory.ts');
  return direct.openDirectory(dir);
}

async function openStores(stores: Stores): Promise<Transport> {
  const direct = await import('./direct/open-stores.ts');
  return direct.openStores(stores);
}

const isText = (value: unknown): boolean =>
  value instanceof URL || (typeof value === 'string' && value !== '');

/** For who has no compiler, or has an object from elsewhere. */
function check(options: unknown): void {
  const values = { ...(options as Readonly<Record<string, unknown>> | undefined) };
  const given = Object.keys(values);
  const fits = Object.values(kinds).some(
    ({ needs, may }) =>
      needs.every((name) => isText(values[name])) &&
      given.every((name) => needs.includes(name) || may.includes(name)),
  );
  const { via } = values;
  if (fits && (via === undefined || via === 'api' || via === 'stores')) return;
  const expected = Object.values(kinds).map(
    ({ needs, may }) => `{ ${[...needs, ...may.map((name) => `${name}?`)].join(', ')} }`,
  );
  throw new ProtocolError(
    'INVALID_CONFIG',
    `expected one of ${expected.join(' ')}, with via api or stores, got { ${given.join(', ')} }`,
  );
}
