import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { IdleSockets } from '../system/idle-sockets.ts';
import { serviceClock } from './service-clock.ts';
import type { ServiceClock } from './service-clock.ts';
import { watch } from './watch.ts';

interface AwsTimeouts {
  /** Until a connection stands, waiting for a free one included. After it, nothing was sent. */
  readonly connectMs: number;
  /** Until a request to the table was answered in full; the connection counts. */
  readonly tableMs: number;
  /** The same for objects, of which one may be tens of MB. */
  readonly objectMs: number;
}

/** All under `limits.produceDeadlineMs`, so that what was lost can be found out and sent again. */
const defaultTimeouts: AwsTimeouts = { connectMs: 1_000, tableMs: 3_000, objectMs: 10_000 };

export interface ClientOptions {
  /** By default the SDK's: `AWS_REGION`, or the profile's. */
  readonly region?: string;
  /** By default `AWS_ENDPOINT_URL`, else AWS's own. An emulator's. */
  readonly endpoint?: string;
  /** By default the SDK's chain: environment, profile, container, instance. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly timeouts?: Partial<AwsTimeouts>;
}

export interface AwsClients {
  readonly dynamoDb: DynamoDBClient;
  readonly s3: S3Client;
  readonly clock: ServiceClock;
  readonly sockets: IdleSockets;
}

/** The two clients, as this project uses them: every request is sent once, and ends in time. */
export function createClients(options: ClientOptions = {}): AwsClients {
  const clock = serviceClock();
  const sockets = new IdleSockets(() => clock.now());
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const endpoint = options.endpoint ?? process.env['AWS_ENDPOINT_URL'];
  const configFor = (timeoutMs: number) => ({
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    // Whether a request may be made again is for a machine to decide, which knows what it means.
    maxAttempts: 1,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: timeouts.connectMs,
      requestTimeout: timeoutMs,
      // Without it the line above only prints a warning.
      throwOnRequestTimeout: true,
      httpAgent: sockets.httpAgent,
      httpsAgent: sockets.httpsAgent,
    },
  });
  const dynamoDb = new DynamoDBClient(configFor(timeouts.tableMs));
  const s3 = new S3Client({
    ...configFor(timeouts.objectMs),
    // An emulator has no host name per bucket.
    forcePathStyle: endpoint !== undefined,
    // CRC32C comes with the request, from ours: the SDK's own is ten times slower.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The sockets are kept, so a refusal after all of the body costs nothing that matters.
    expectContinueHeader: false,
  });
  watch(dynamoDb.middlewareStack, { clock, sockets, timeoutMs: timeouts.tableMs });
  watch(s3.middlewareStack, { clock, sockets, timeoutMs: timeouts.objectMs });
  return { dynamoDb, s3, clock, sockets };
}
