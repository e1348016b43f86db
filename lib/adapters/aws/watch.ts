import { Readable } from 'node:stream';
import type { __Client } from '@aws-sdk/client-dynamodb';
import { NotSent } from './failures.ts';
import type { IdleSockets } from '../system/idle-sockets.ts';
import type { ServiceClock } from './service-clock.ts';

type Stack<Input extends object, Output extends { readonly $metadata: object }> = __Client<
  object,
  Input,
  Output,
  never
>['middlewareStack'];

interface Watcher {
  readonly clock: ServiceClock;
  readonly sockets: IdleSockets;
  /** From the moment a request is handed over to the end of its answer. */
  readonly timeoutMs: number;
}

const handedOver = 'tailraceHandedOver';

/** Sees each request of a client just before it goes to a socket, and each answer just after. */
export function watch<Input extends object, Output extends { readonly $metadata: object }>(
  stack: Stack<Input, Output>,
  { clock, sockets, timeoutMs }: Watcher,
): void {
  stack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw context[handedOver] === true ? error : new NotSent(error);
      }
    },
    { name: 'tailraceNotSent', step: 'initialize', priority: 'high' },
  );
  stack.add(
    (next, context) => (args) => {
      context[handedOver] = true;
      sockets.drop();
      return next(args);
    },
    { name: 'tailraceHandOver', step: 'finalizeRequest', priority: 'low' },
  );
  stack.add(
    (next) => async (args) => {
      const until = clock.monotonic() + timeoutMs;
      const result = await next(args);
      const { headers, body } = result.response as Response;
      if (headers?.['date'] !== undefined) clock.heard(headers['date']);
      // After a pause nothing may be left of it.
      if (body instanceof Readable) endBy(body, Math.max(0, until - clock.monotonic()));
      return result;
    },
    { name: 'tailraceAnswer', step: 'deserialize', priority: 'low' },
  );
}

/** The SDK does not say what a response is; its handlers give it these. */
interface Response {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** `requestTimeout` ends with the headers, but an answer may also stop in the middle of its body. */
function endBy(body: Readable, ms: number): void {
  const timer = setTimeout(() => {
    body.destroy(new Error('an answer began in time but did not end'));
  }, ms);
  body.once('close', () => clearTimeout(timer));
}
