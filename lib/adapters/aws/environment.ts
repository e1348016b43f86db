import type { Environment, Metrics } from '../../ports/environment.ts';
import { createIds, systemRandom } from '../system/ids.ts';
import { noMetrics } from '../system/no-metrics.ts';
import { createClients } from './clients.ts';
import type { AwsClients, ClientOptions } from './clients.ts';
import { refuseGlobalTable } from './global-table.ts';
import { S3Objects } from './objects.ts';
import { DynamoTable } from './table.ts';

export interface AwsOptions extends ClientOptions {
  readonly tableName: string;
  readonly bucketName: string;
  /** None by default. */
  readonly metrics?: Metrics;
}

export interface AwsEnvironment {
  readonly environment: Environment;
  /**
   * To be called where an invocation begins: forgets what services said of the time before the
   * pause. Costs nothing; a process that is never frozen need not call it.
   */
  readonly refresh: () => void;
  /** Throws `AwsTableError` if the table is replicated with "last writer wins". One request. */
  readonly checkTable: () => Promise<void>;
  /** Closes all sockets. Calls under way end indeterminate. */
  readonly close: () => void;
}

/** Everything a process on AWS meets of the world outside. No request is made until it is used. */
export function awsEnvironment(
  options: AwsOptions,
  clients: AwsClients = createClients(options),
): AwsEnvironment {
  const { dynamoDb, s3, clock, sockets } = clients;
  return {
    environment: {
      table: new DynamoTable(dynamoDb, options.tableName),
      objects: new S3Objects(s3, options.bucketName),
      clock,
      random: systemRandom,
      ids: createIds(),
      metrics: options.metrics ?? noMetrics,
    },
    refresh: () => clock.forget(),
    checkTable: () => refuseGlobalTable(dynamoDb, options.tableName),
    close: () => {
      dynamoDb.destroy();
      s3.destroy();
      sockets.close();
    },
  };
}
