import { randomBytes } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { dynamoDb, newAccount, s3 } from './account.ts';

/**
 * What the tests rely on: conditions with one winner, all-or-nothing, bytes as they were. Rejects,
 * saying what an emulator lacks: a test on one that ignores conditions proves nothing.
 */
export async function probeObjects(endpoint: string): Promise<void> {
  const client = s3(endpoint, newAccount());
  const Bucket = `probe-${randomBytes(8).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  try {
    await racingPuts(client, Bucket);
    await storedBytes(client, Bucket);
  } finally {
    await Promise.all(
      ['race', 'bytes'].map((Key) => client.send(new DeleteObjectCommand({ Bucket, Key }))),
    );
    await client.send(new DeleteBucketCommand({ Bucket }));
    client.destroy();
  }
}

/** The same for a table: see `probeObjects`. */
export async function probeTable(endpoint: string): Promise<void> {
  const client = dynamoDb(endpoint, newAccount());
  const TableName = `probe-${randomBytes(8).toString('hex')}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  try {
    await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName });
    await racingItems(client, TableName);
    await cancelledTransaction(client, TableName);
  } finally {
    await client.send(new DeleteTableCommand({ TableName }));
    client.destroy();
  }
}

async function racingPuts(client: S3Client, Bucket: string): Promise<void> {
  const put = (index: number) =>
    client.send(new PutObjectCommand({ Bucket, Key: 'race', Body: `${index}`, IfNoneMatch: '*' }));
  const ended = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => put(index)));
  const winner = onlyWinner('100 puts with If-None-Match', ended);
  const refusals = ended.filter((each) => each.status === 'rejected').map(({ reason }) => reason);
  const other = refusals.find(
    // 409: another put of the key was under way.
    (reason) =>
      !(reason instanceof S3ServiceException) ||
      ![412, 409].includes(reason.$metadata.httpStatusCode ?? 0),
  );
  expectThat('losers are answered 412 or 409', other, undefined);
  const stored = await client.send(new GetObjectCommand({ Bucket, Key: 'race' }));
  expectThat('the object is the winner’s', await stored.Body?.transformToString(), `${winner}`);
}

async function storedBytes(client: S3Client, Bucket: string): Promise<void> {
  // Two MiB and an odd byte, every value of a byte among them: what stores chunk framing shows.
  const bytes = Buffer.from(Array.from({ length: 2 ** 21 + 1 }, (_, at) => (at * 31) & 0xff));
  await client.send(
    new PutObjectCommand({ Bucket, Key: 'bytes', Body: bytes, ChecksumAlgorithm: 'CRC32C' }),
  );
  const read = async (Range?: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'bytes', Range }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  expectThat('an object’s bytes are those put', (await read()).equals(bytes), true);
  const range = bytes.subarray(100_000, 100_100);
  expectThat('a range’s bytes are', (await read('bytes=100000-100099')).equals(range), true);
}

async function racingItems(client: DynamoDBClient, TableName: string): Promise<void> {
  const put = (index: number) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: 'race' }, index: { N: `${index}` } },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  const ended = await Promise.allSettled(Array.from({ length: 64 }, (_, index) => put(index)));
  const winner = onlyWinner('64 conditional puts', ended);
  for (const each of ended) {
    if (each.status !== 'rejected') continue;
    const { reason } = each;
    const failed = reason instanceof ConditionalCheckFailedException;
    expectThat('a failed condition is named', failed ? 'yes' : String(reason), 'yes');
    expectThat('it returns the item', reason.Item?.['index']?.N, `${winner}`);
  }
}

async function cancelledTransaction(client: DynamoDBClient, TableName: string): Promise<void> {
  const put = (pk: string, ConditionExpression: string) => ({
    Put: { TableName, Item: { pk: { S: pk } }, ConditionExpression },
  });
  const absent = 'attribute_not_exists(pk)';
  const items = [put('first', absent), put('race', absent), put('last', absent)];
  const error: unknown = await client
    .send(new TransactWriteItemsCommand({ TransactItems: items }))
    .catch((reason: unknown) => reason);
  const cancelled = error instanceof TransactionCanceledException;
  const codes = cancelled ? error.CancellationReasons?.map(({ Code }) => Code) : [String(error)];
  expectThat('reasons', codes?.join(' '), 'None ConditionalCheckFailed None');
  for (const pk of ['first', 'last']) {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: { pk: { S: pk } }, ConsistentRead: true }),
    );
    expectThat(`a cancelled transaction puts nothing, pk=${pk}`, Item, undefined);
  }
}

/** The index of the one that was fulfilled. */
function onlyWinner(what: string, ended: readonly PromiseSettledResult<unknown>[]): number {
  const winners = [...ended.keys()].filter((index) => ended[index]?.status === 'fulfilled');
  expectThat(`winners of ${what}`, winners.length, 1);
  return winners[0] ?? -1;
}

function expectThat(what: string, got: unknown, expected: unknown): void {
  if (got === expected) return;
  throw new Error(
    `the emulator lacks what the tests rely on: ${what} expected=${String(expected)} got=${String(got)}`,
  );
}
