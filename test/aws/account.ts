import { randomInt } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';

export const region = 'us-east-1';

/** To the emulators, an access key of 12 digits is the id of an account: what is in it, no other sees. */
export function newAccount(): string {
  return String(randomInt(1e11, 1e12));
}

/** What a client of the SDK needs to know to speak to an emulator. Requests are sent once. */
function clientOptions(endpoint: string, accessKeyId: string) {
  return {
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
    maxAttempts: 1,
  };
}

export function s3(endpoint: string, account: string): S3Client {
  return new S3Client({ ...clientOptions(endpoint, account), forcePathStyle: true });
}

export function dynamoDb(endpoint: string, account: string): DynamoDBClient {
  return new DynamoDBClient(clientOptions(endpoint, account));
}
