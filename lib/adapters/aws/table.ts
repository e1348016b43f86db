import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type {
  CancellationReason,
  DynamoDBClient,
  TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type {
  Condition,
  Item,
  ItemKey,
  MetadataTable,
  Operation,
  QueryOptions,
  QueryPage,
  QueryRange,
  TransactOutcome,
} from '../../ports/metadata-table.ts';
import { done } from '../../ports/outcome.ts';
import type { ConditionalOutcome, ReadOutcome } from '../../ports/outcome.ts';
import { InvariantError, unreachable } from '../../std/assert.ts';
import {
  assertAppend,
  assertCondition,
  assertItem,
  assertKey,
  assertOperations,
  assertQuery,
} from '../bounds.ts';
import { checkInput, conditionInput } from './conditions.ts';
import { readFailure, throttleReasons, writeFailure } from './failures.ts';
import type { Asked } from './failures.ts';
import {
  bytesAttribute,
  decodeItem,
  decodeObstacle,
  itemAttributes,
  keyAttributes,
  numberAttribute,
} from './items.ts';

/** An obstacle is returned with the answer that names it, so nobody has to read it again. */
const showObstacle = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
/** No sort key is below it: a bound in a query may not be empty. */
const lowestSortKey = '\u0000';

/** The table on DynamoDB: one request per call. Its key is `pk` and `sk`, both strings. */
export class DynamoTable implements MetadataTable {
  readonly #client: DynamoDBClient;
  readonly #name: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#name = tableName;
  }

  async get(
    key: ItemKey,
    { consistent }: { readonly consistent: boolean },
  ): Promise<ReadOutcome<Item | undefined>> {
    assertKey(key);
    const command = new GetItemCommand({
      TableName: this.#name,
      Key: keyAttributes(key),
      ConsistentRead: consistent,
    });
    const answer = await this.#read('GetItem', () => this.#client.send(command));
    return answer.kind === 'done' ? done(decodeObstacle(answer.value.Item)) : answer;
  }

  async query(
    pk: string,
    range: QueryRange,
    options: QueryOptions,
  ): Promise<ReadOutcome<QueryPage>> {
    assertQuery(pk, options);
    const from = range.from === '' ? lowestSortKey : range.from;
    // DynamoDB calls it an error to ask for what lies between two bounds in the wrong order.
    if (isBelow(range.to, from)) return done({ items: [], next: undefined });
    const command = new QueryCommand({
      TableName: this.#name,
      KeyConditionExpression: 'pk = :p AND sk BETWEEN :f AND :t',
      ExpressionAttributeValues: { ':p': { S: pk }, ':f': { S: from }, ':t': { S: range.to } },
      Limit: options.limit,
      ScanIndexForward: options.reverse !== true,
      ConsistentRead: options.consistent,
    });
    const answer = await this.#read('Query', () => this.#client.send(command));
    if (answer.kind !== 'done') return answer;
    const { Items = [], LastEvaluatedKey } = answer.value;
    return done({ items: Items.map(decodeItem), next: LastEvaluatedKey?.['sk']?.S });
  }

  async put(item: Item, condition: Condition): Promise<ConditionalOutcome<undefined, Item>> {
    assertItem(item);
    assertCondition(condition);
    const command = new PutItemCommand({
      TableName: this.#name,
      Item: itemAttributes(item),
      ...conditionInput(condition),
      ...showObstacle,
    });
    const answer = await this.#write('PutItem', () => this.#client.send(command));
    return answer.kind === 'done' ? done(undefined) : answer;
  }

  async delete(key: ItemKey, condition: Condition): Promise<ConditionalOutcome<undefined, Item>> {
    assertKey(key);
    assertCondition(condition);
    const command = new DeleteItemCommand({
      TableName: this.#name,
      Key: keyAttributes(key),
      ...conditionInput(condition),
      ...showObstacle,
    });
    const answer = await this.#write('DeleteItem', () => this.#client.send(command));
    return answer.kind === 'done' ? done(undefined) : answer;
  }

  async append(
    key: ItemKey,
    version: number,
    command: Uint8Array,
  ): Promise<ConditionalOutcome<Item, Item>> {
    assertAppend(key, version, command);
    const update = new UpdateItemCommand({
      TableName: this.#name,
      Key: keyAttributes(key),
      UpdateExpression: 'SET a = list_append(a, :c), n = n + :n',
      // False also where an attribute is missing: no item, or one that is open to no append.
      ConditionExpression: 'v = :v AND n <= l',
      ExpressionAttributeValues: {
        ':c': { L: [bytesAttribute(command)] },
        ':n': numberAttribute(command.length),
        ':v': numberAttribute(version),
      },
      ReturnValues: 'ALL_NEW',
      ...showObstacle,
    });
    const answer = await this.#write('UpdateItem', () => this.#client.send(update));
    if (answer.kind !== 'done') return answer;
    const { Attributes: after } = answer.value;
    // It was applied, but the answer does not say to what: not a failure, and not a success.
    if (after === undefined) return { kind: 'indeterminate', cause: 'an answer without its item' };
    return done(decodeItem(after));
  }

  async transact(operations: readonly Operation[]): Promise<TransactOutcome> {
    assertOperations(operations);
    const command = new TransactWriteItemsCommand({
      TransactItems: operations.map((operation) => this.#transactItem(operation)),
    });
    try {
      await this.#client.send(command);
      return done(undefined);
    } catch (error) {
      const actions = new Set(operations.map(({ kind }) => actionOf[kind]));
      const asked = this.#asked([...actions].join('+'));
      if (!(error instanceof TransactionCanceledException)) return writeFailure(error, asked);
      return canceled(error.CancellationReasons ?? [], asked);
    }
  }

  #transactItem(operation: Operation): TransactWriteItem {
    const TableName = this.#name;
    switch (operation.kind) {
      case 'put': {
        const { item, condition } = operation;
        const Item = itemAttributes(item);
        return { Put: { TableName, Item, ...conditionInput(condition), ...showObstacle } };
      }
      case 'delete': {
        const { key, condition } = operation;
        const Key = keyAttributes(key);
        return { Delete: { TableName, Key, ...conditionInput(condition), ...showObstacle } };
      }
      case 'check': {
        const { key, condition } = operation;
        const Key = keyAttributes(key);
        return { ConditionCheck: { TableName, Key, ...checkInput(condition), ...showObstacle } };
      }
      default:
        return unreachable(operation);
    }
  }

  async #read<T>(action: string, send: () => Promise<T>): Promise<ReadOutcome<T>> {
    try {
      return done(await send());
    } catch (error) {
      return readFailure(error, this.#asked(action));
    }
  }

  async #write<T>(action: string, send: () => Promise<T>): Promise<ConditionalOutcome<T, Item>> {
    try {
      return done(await send());
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) {
        return writeFailure(error, this.#asked(action));
      }
      return { kind: 'condition-failed', item: decodeObstacle(error.Item) };
    }
  }

  #asked(action: string): Asked {
    return { action: `dynamodb:${action}`, of: `table=${this.#name}` };
  }
}

/** IAM's names: a transaction needs the permission of each of its operations. */
const actionOf = { put: 'PutItem', delete: 'DeleteItem', check: 'ConditionCheckItem' } as const;

/** By the bytes of UTF-8. */
function isBelow(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

/**
 * Why DynamoDB did none of it. Only where every reason is about a condition is anything known of
 * the conditions: of an operation that met another write or a throttle they were not evaluated.
 */
function canceled(reasons: readonly CancellationReason[], asked: Asked): TransactOutcome {
  const codes = new Set(reasons.map(({ Code }) => Code ?? 'None'));
  if (codes.has('TransactionConflict')) return { kind: 'conflict' };
  if ([...codes].some((code) => throttleReasons.has(code))) return { kind: 'throttled' };
  if (codes.has('ValidationError')) {
    const said = reasons.map(({ Message }) => Message ?? '').join(' ');
    throw new InvariantError(`a transaction was not valid: ${asked.of} answer=${said}`);
  }
  if (!codes.has('ConditionalCheckFailed')) {
    const cause = `a transaction was canceled: ${asked.of} reasons=${[...codes].join()}`;
    return { kind: 'unavailable', cause };
  }
  const failures = reasons.map(({ Code, Item: obstacle }) =>
    Code === 'ConditionalCheckFailed'
      ? { kind: 'condition-failed' as const, item: decodeObstacle(obstacle) }
      : undefined,
  );
  return { kind: 'conditions-failed', failures };
}
