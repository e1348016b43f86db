import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  clientsOf,
  closeClients,
  createBucket,
  createTable,
} from '../../test/adapters/aws-world.ts';
import { newAccount, region } from '../../test/aws/account.ts';
import { startEmulator } from '../../test/aws/emulator.ts';
import { answers, startKept } from '../../test/aws/kept.ts';
import type { Kept } from '../../test/aws/kept.ts';
import type { KafkaTarget, Target } from './driver.ts';
import { startKafka } from './kafka.ts';
import { processesOf } from './processes.ts';

/** A client and its log. */
export interface Row {
  readonly name: string;
  readonly target: Target;
  /** Of the worker. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of the server, if there is one in a process of its own. */
  readonly pids: readonly number[];
}

const durability: Readonly<Record<string, string>> = {
  memory: 'none: the log is in the client’s process',
  directory: 'fdatasync before the answer; engine and SQLite in the client’s process',
  http: 'fdatasync before the answer; `tailrace serve` on a directory, in a process of its own',
  'stores, emulated': 'what an emulator of S3 and DynamoDB does, which is what is measured here',
  kafkajs: 'acks=all of one broker: in the page cache, not synced',
  platformatic: 'the same',
  'kafkajs, synced': 'acks=all and flush.messages=1: fsync of every batch before the answer',
  'platformatic, synced': 'the same',
};

export const rowNames = Object.keys(durability);
export const promiseOf = (name: string): string => durability[name] ?? '';

export interface Servers {
  readonly rows: readonly Row[];
  /** It goes with the servers. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** The rows of these names, with what they need. What cannot be had is told, and left out. */
export async function startRows(
  names: readonly string[],
  tell: (why: string) => void,
): Promise<Servers> {
  const kept: Kept[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(kept.map((server) => server.stop()));
  };
  const start = async (work: Promise<Kept>): Promise<Kept> => {
    const server = await work;
    kept.push(server);
    return server;
  };
  const told =
    (what: string) =>
    (error: Error): readonly Row[] => {
      tell(`${what}: ${error.message}`);
      return [];
    };
  try {
    const server = await start(startServer());
    const emulated = names.filter((name) => name === 'stores, emulated');
    const byKafka = names.filter((name) => /^(?:kafkajs|platformatic)/.test(name));
    const [stores, kafkas] = await Promise.all([
      emulated.length === 0 ? [] : start(startEmulator()).then(storesRows, told('no emulator')),
      byKafka.length === 0
        ? []
        : start(startKafka()).then(
            (kafka) => byKafka.map((name) => kafkaRow(name, kafka)),
            told('NO KAFKA TO COMPARE WITH, so no rows of it'),
          ),
    ]);
    const rows = [...ownRows(names, server), ...stores, ...kafkas];
    return { rows, folder: server.folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startServer(): Promise<Kept> {
  const program = resolve(import.meta.dirname, '../../bin/tailrace.js');
  return startKept({
    name: 'bench-client',
    command: (folder, port) => {
      const data = join(folder, 'served');
      return [process.execPath, program, 'serve', '--port', `${port}`, '--data', data];
    },
    env: () => process.env,
    isReady: (url) => answers(`${url}/health`),
  });
}

function ownRows(names: readonly string[], server: Kept): Row[] {
  const dir = join(server.folder, 'direct');
  mkdirSync(dir);
  const rows: readonly Row[] = [
    { name: 'memory', target: { kind: 'memory' }, pids: [] },
    { name: 'directory', target: { kind: 'directory', dir }, pids: [] },
    {
      name: 'http',
      target: { kind: 'http', url: server.url },
      pids: processesOf(join(server.folder, 'served')),
    },
  ];
  return rows.filter(({ name }) => names.includes(name));
}

async function storesRows({ url, folder }: Kept): Promise<readonly Row[]> {
  const account = newAccount();
  const secret = 'secret';
  const credentials = { accessKeyId: account, secretAccessKey: secret };
  const clients = clientsOf(url, { credentials });
  const table = await createTable(clients.dynamoDb);
  const bucket = await createBucket(clients.s3);
  closeClients(clients);
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_REGION: region,
  };
  const pids = processesOf(folder);
  return [{ name: 'stores, emulated', target: { kind: 'stores', table, bucket }, env, pids }];
}

function kafkaRow(name: string, { url, folder }: Kept): Row {
  const [kind, synced] = name.split(', ') as [KafkaTarget['kind'], string | undefined];
  const target = { kind, address: new URL(url).host, synced: synced !== undefined };
  return { name, target, pids: processesOf(folder) };
}
