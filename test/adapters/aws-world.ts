import { randomBytes } from 'node:crypto';
import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { createClients } from '../../lib/adapters/aws/clients.ts';
import type { AwsClients, ClientOptions } from '../../lib/adapters/aws/clients.ts';
import { S3Objects } from '../../lib/adapters/aws/objects.ts';
import { DynamoTable } from '../../lib/adapters/aws/table.ts';
import { newAccount } from '../aws/account.ts';

/** Nobody else uses the name. */
const newName = (): string => `t-${randomBytes(8).toString('hex')}`;

/** A table as the deployment makes it, ready for use. */
export async function createTable(client: DynamoDBClient): Promise<string> {
  const TableName = newName();
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName });
  return TableName;
}

export async function createBucket(client: S3Client): Promise<string> {
  const Bucket = newName();
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

/** Clients of an account of their own. */
export function clientsOf(endpoint: string, options: ClientOptions = {}): AwsClients {
  return createClients({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: newAccount(), secretAccessKey: 'secret' },
    ...options,
  });
}

export function closeClients({ dynamoDb, s3, sockets }: AwsClients): void {
  dynamoDb.destroy();
  s3.destroy();
  sockets.close();
}

/** A hundred racing calls keep an emulator busy for seconds; here no test is about time. */
const patient = { timeouts: { connectMs: 20_000, tableMs: 20_000, objectMs: 20_000 } };

export async function openTable(endpoint: string) {
  const clients = clientsOf(endpoint, patient);
  const name = await createTable(clients.dynamoDb);
  const store = new DynamoTable(clients.dynamoDb, name);
  return { clients, name, store, close: async () => closeClients(clients) };
}

export async function openObjects(endpoint: string) {
  const clients = clientsOf(endpoint, patient);
  const name = await createBucket(clients.s3);
  const store = new S3Objects(clients.s3, name);
  return { clients, name, store, close: async () => closeClients(clients) };
}
