import { awsEnvironment } from '../../adapters/aws/environment.ts';
import { createBroker } from '../../broker/create-broker.ts';
import { awsPrices } from '../../core/log/placement.ts';
import { Engine } from '../../engine/engine.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { brokerTransport } from '../broker-transport.ts';
import type { Transport } from '../transport.ts';
import { warn } from './warn.ts';

/** Table and bucket of one deployment. */
export interface Stores {
  readonly table: string;
  readonly bucket: string;
  /** By default the SDK's: `AWS_REGION`, or the profile's. */
  readonly region?: string;
}

/**
 * The log in a table and a bucket, by this process itself and on its own credentials. One request,
 * DescribeTable: throws `AwsTableError` for a table where the last writer wins, INVALID_CONFIG if
 * there is none. What is due in the background is the deployment's own to do.
 */
export async function openStores({ table, bucket, region }: Stores): Promise<Transport> {
  const aws = awsEnvironment({
    tableName: table,
    bucketName: bucket,
    ...(region === undefined ? {} : { region }),
  });
  try {
    await aws.checkTable();
  } catch (error) {
    aws.close();
    throw explained(error, table);
  }
  const engine = new Engine(aws.environment, { prices: awsPrices, onError: warn });
  return brokerTransport(createBroker(engine), async () => {
    await engine.settled();
    aws.close();
  });
}

function explained(error: unknown, table: string): unknown {
  if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) return error;
  const missing = new ProtocolError(
    'INVALID_CONFIG',
    `expected the table of a deployment, but this account has none of that name in this region; its stack says the name in the output TableName: table=${table}`,
  );
  missing.cause = error;
  return missing;
}
