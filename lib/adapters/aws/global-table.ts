import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Why a table cannot be used: what was expected, what came, what to do. */
class AwsTableError extends Error {
  override name = 'AwsTableError';

  constructor(tableName: string, expected: string, came: string, advice: string) {
    super(`cannot use the table: expected ${expected}, but ${came}; ${advice}: table=${tableName}`);
  }
}

/**
 * Throws `AwsTableError` for a table that is replicated with "last writer wins": a conditional
 * write is then conditional in one region only, and two regions would acknowledge different records
 * at one offset. One request; needs `dynamodb:DescribeTable`. Errors of the SDK are passed on.
 */
export async function refuseGlobalTable(client: DynamoDBClient, tableName: string): Promise<void> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const replicas = Table?.Replicas ?? [];
  const consistency = Table?.MultiRegionConsistency ?? 'EVENTUAL';
  if (replicas.length === 0 || consistency === 'STRONG') return;
  const regions = replicas.map(({ RegionName }) => RegionName ?? 'unknown').join(', ');
  throw new AwsTableError(
    tableName,
    'a table of one region, or one with multi-region strong consistency',
    `it is replicated to ${regions} with consistency ${consistency}, where the last writer wins`,
    'remove the replicas, or deploy with a new table',
  );
}
