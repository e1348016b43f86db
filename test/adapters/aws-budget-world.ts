import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import type { AwsClients } from '../../lib/adapters/aws/clients.ts';
import { S3Objects } from '../../lib/adapters/aws/objects.ts';
import { DynamoTable } from '../../lib/adapters/aws/table.ts';
import { createIds } from '../../lib/adapters/system/ids.ts';
import { noMetrics } from '../../lib/adapters/system/no-metrics.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import type { Environment } from '../../lib/ports/environment.ts';
import { StillClock } from '../engine/budget-world.ts';
import { Counts, whatOf } from '../engine/counting.ts';
import type { Bill } from '../engine/counting.ts';
import { otherProcess, startEngine } from '../engine/memory-env.ts';
import { Seeded } from '../engine/seeded.ts';
import { intercept } from './aws-sdk.ts';
import { clientsOf, closeClients, createBucket, createTable } from './aws-world.ts';
import { must } from '../../lib/std/assert.ts';

const tableKinds = {
  GetItemCommand: 'get',
  QueryCommand: 'query',
  PutItemCommand: 'put',
  UpdateItemCommand: 'append',
  DeleteItemCommand: 'delete',
} as const;
const objectKinds = { PutObjectCommand: 'put', GetObjectCommand: 'get' } as const;

type Attributes = Readonly<Record<string, AttributeValue>>;

interface TableInput {
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly ExpressionAttributeValues?: Attributes;
}

/** What a request is about, as the counting store names it. */
function subjectOf({ Key, Item, ExpressionAttributeValues: values }: TableInput): string {
  const { pk, sk } = Key ?? Item ?? { pk: values?.[':p'], sk: values?.[':f'] };
  return whatOf({ pk: must(pk?.S, 'pk'), sk: must(sk?.S, 'sk') });
}

/** Bills each request to the table by what the table says that it consumed. */
function meter({ middlewareStack }: DynamoDBClient, counts: Counts): void {
  middlewareStack.add(
    (next, context) => async (args) => {
      const kind = tableKinds[context.commandName as keyof typeof tableKinds];
      const what = subjectOf(args.input as TableInput);
      const bill = (units: number, failed: boolean): void => {
        const isRead = kind === 'get' || kind === 'query';
        const [readUnits, writeUnits] = isRead ? [units, 0] : [0, units];
        counts.add({ kind, what, failed, readUnits, writeUnits });
      };
      try {
        const input = Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
        const result = await next({ ...args, input });
        const { ConsumedCapacity: consumed } = result.output as {
          ConsumedCapacity?: ConsumedCapacity;
        };
        bill(must(consumed?.CapacityUnits, 'consumed capacity'), false);
        return result;
      } catch (error) {
        // What a failed condition consumes DynamoDB does not say; at least one unit.
        if (error instanceof ConditionalCheckFailedException) bill(1, true);
        throw error;
      }
    },
    { step: 'initialize' },
  );
}

function countObjects(clients: AwsClients, counts: Counts): void {
  intercept(clients, ({ command }, send) => {
    const kind = objectKinds[command as keyof typeof objectKinds];
    if (kind !== undefined) {
      counts.add({ kind, what: 'object', failed: false, readUnits: 0, writeUnits: 0 });
    }
    return send();
  });
}

/** `World` of the engine's budgets, on emulated stores: the same calls, billed by the table. */
export class AwsWorld {
  readonly clock = new StillClock();
  readonly #counts: Counts;
  readonly #env: Environment;
  readonly #close: () => void;
  readonly #engines: Engine[] = [];

  private constructor(counts: Counts, env: Environment, close: () => void) {
    this.#counts = counts;
    this.#env = { ...env, clock: this.clock };
    this.#close = close;
  }

  /** `tableUrl`: one that bills reads as well as writes by their size. */
  static async open(tableUrl: string): Promise<AwsWorld> {
    const [ofTable, ofObjects] = [clientsOf(tableUrl), clientsOf(inject('emulator'))];
    const counts = new Counts();
    const tableName = await createTable(ofTable.dynamoDb);
    const bucketName = await createBucket(ofObjects.s3);
    meter(ofTable.dynamoDb, counts);
    countObjects(ofObjects, counts);
    const env: Environment = {
      table: new DynamoTable(ofTable.dynamoDb, tableName),
      objects: new S3Objects(ofObjects.s3, bucketName),
      clock: new StillClock(),
      random: new Seeded(1),
      ids: createIds(),
      metrics: noMetrics,
    };
    return new AwsWorld(counts, env, () => {
      closeClients(ofTable);
      closeClients(ofObjects);
    });
  }

  start(): { readonly engine: Engine; readonly broker: Broker } {
    const process = startEngine(otherProcess(this.#env));
    this.#engines.push(process.engine);
    return process;
  }

  /** What this costs, with everything that it sets off. */
  async bill(work: () => Promise<unknown>): Promise<Bill> {
    const { mark } = this.#counts;
    await work();
    await Promise.all(this.#engines.map((engine) => engine.settled()));
    return this.#counts.since(mark);
  }

  close(): void {
    this.#close();
  }
}
