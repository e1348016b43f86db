import { inject } from 'vitest';
import { variablesOf } from '../../functions/configuration.ts';
import { clientsOf, closeClients, createBucket, createTable } from '../adapters/aws-world.ts';
import { newAccount } from '../aws/account.ts';
import { installRuntimeClient } from './install.ts';
import type { FunctionCode } from './sandbox.ts';
import { FunctionService } from './service.ts';
import type { Scale } from './service.ts';
import { readFunction } from './stack.ts';
import type { Duty } from './stack.ts';

/** What a deployment has but its API: a table, a bucket, bundles and what runs them. */
export class Deployment {
  readonly #client: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #services: FunctionService[] = [];

  private constructor(client: string, environment: Readonly<Record<string, string>>) {
    this.#client = client;
    this.#environment = environment;
  }

  /** Empty, in an account of its own of the emulated AWS. */
  static async open(): Promise<Deployment> {
    const endpoint = inject('emulator');
    const account = newAccount();
    const credentials = { accessKeyId: account, secretAccessKey: 'secret' };
    const clients = clientsOf(endpoint, { credentials });
    const names = {
      tableName: await createTable(clients.dynamoDb),
      bucketName: await createBucket(clients.s3),
      deployment: 'runtime',
    };
    closeClients(clients);
    return new Deployment(await installRuntimeClient(), {
      ...variablesOf(names),
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: account,
    });
  }

  /** A function as the stack has it, but for `options`. */
  async add(
    duty: Duty,
    options: Partial<FunctionCode> = {},
    scale: Scale = {},
  ): Promise<FunctionService> {
    const code = await readFunction(inject('assembly'), duty);
    const environment = { ...code.environment, ...this.#environment, ...options.environment };
    const service = new FunctionService(this.#client, { ...code, ...options, environment }, scale);
    this.#services.push(service);
    return service;
  }

  /** Ends all processes. Table and bucket end with the emulator. */
  async close(): Promise<void> {
    await Promise.all(this.#services.map((each) => each.close()));
  }
}
