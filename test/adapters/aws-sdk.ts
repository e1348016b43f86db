import type { __Client } from '@aws-sdk/client-dynamodb';
import type { AwsClients } from '../../lib/adapters/aws/clients.ts';

/** A request as it leaves the SDK: below its retries, after it was signed. */
export interface Sent {
  /** `PutItemCommand` */
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Stands between the SDK and the socket: `send` passes the request on, once per call. */
export type Interceptor = <T>(sent: Sent, send: () => Promise<T>) => Promise<T>;

type Stack<Input extends object, Output extends { readonly $metadata: object }> = __Client<
  object,
  Input,
  Output,
  never
>['middlewareStack'];

export function intercept({ dynamoDb, s3 }: AwsClients, interceptor: Interceptor): void {
  add(dynamoDb.middlewareStack, interceptor);
  add(s3.middlewareStack, interceptor);
}

function add<Input extends object, Output extends { readonly $metadata: object }>(
  stack: Stack<Input, Output>,
  interceptor: Interceptor,
): void {
  stack.add(
    (next, context) => (args) => {
      const input = args.input as Readonly<Record<string, unknown>>;
      return interceptor({ command: String(context.commandName), input }, () => next(args));
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
}

/** All that is really sent from now on, retries of the SDK included. */
export function record(clients: AwsClients): Sent[] {
  const all: Sent[] = [];
  intercept(clients, (sent, send) => {
    all.push(sent);
    return send();
  });
  return all;
}
