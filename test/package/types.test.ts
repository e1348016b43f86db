import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, inject, test } from 'vitest';
import { run } from '../house/run.ts';

const project = inject('cdkProject');
const tsc = resolve('node_modules/typescript/bin/tsc');

const ofClient = `
  import { createClient, json, KafkaError, OutcomeUnknown, startTailrace, string } from 'tailrace';
  import type { Client, Consumer, Delivery, Position, Serde } from 'tailrace';

  interface Level { readonly level: number }

  export async function write(client: Client): Promise<Delivery> {
    await using producer = client.producer({ key: string, value: json<Level>() });
    return producer.send({ topic: 'rivers', key: 'rhine', value: { level: 412 } });
  }
  export async function read(client: Client, from: Position): Promise<number> {
    const value: Serde<Level | null> = json<Level>();
    const consumer: Consumer<string | null, Level | null> = client.consumer({ value, key: string, from });
    for await (const record of consumer) return record.value?.level ?? 0;
    return 0;
  }
  export const open = () => createClient({ url: 'http://127.0.0.1:8082' });
  export const nameOf = (error: unknown): string =>
    error instanceof KafkaError || error instanceof OutcomeUnknown ? error.name : 'other';
  export const forTests: Promise<Client> = startTailrace({ topics: ['rivers'] });

  // @ts-expect-error: a topic is needed
  export const wrong = (client: Client) => client.producer().send({ key: 'rhine' });
`;

const ofConstruct = `
  import { App, Stack } from 'aws-cdk-lib';
  import { Tailrace, TailraceStack } from 'tailrace/cdk';
  import type { TailraceProps, TailraceStackProps } from 'tailrace/cdk';

  const stackProps: TailraceStackProps = { alarmEmail: 'me@example.com' };
  const stack: Stack = new TailraceStack(new App(), 'Whole', stackProps);
  export const log = new Tailrace(stack, 'Log', { api: { kind: 'rest' }, restoreDays: 14 });
  export const url: string = log.gateway.url;

  // @ts-expect-error: there is no such API
  export const props: TailraceProps = { api: { kind: 'soap' } };
`;

const settings = [
  { file: 'consumer.ts', module: 'nodenext', moduleResolution: 'nodenext' },
  { file: 'consumer.ts', module: 'esnext', moduleResolution: 'bundler' },
  // CommonJS, as apps of the CDK often are.
  { file: 'consumer.cts', module: 'nodenext', moduleResolution: 'nodenext' },
] as const;
const exact = { exactOptionalPropertyTypes: true, skipLibCheck: false };
const cases = settings.flatMap((each) => [
  { ...each, ...exact, what: 'the client', source: ofClient },
  { ...each, ...exact, what: 'the construct', source: ofConstruct, skipLibCheck: true },
]);
// With all declarations checked, ours among them. Those of aws-cdk-lib do not stand the other flag.
const [first] = settings;
const wholly = { exactOptionalPropertyTypes: false, skipLibCheck: false };
cases.push({ ...first, ...wholly, what: 'all of the construct', source: ofConstruct });

test.each(cases)('a strict $file with $what, resolution $moduleResolution', async (each) => {
  const { source, file, exactOptionalPropertyTypes, module, moduleResolution, skipLibCheck } = each;
  writeFileSync(join(project, file), source);
  const options = {
    module,
    moduleResolution,
    target: 'esnext',
    lib: ['esnext'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes,
    noUncheckedIndexedAccess: true,
    skipLibCheck,
    noEmit: true,
  };
  const config = { compilerOptions: options, files: [file] };
  writeFileSync(join(project, `${moduleResolution}.json`), JSON.stringify(config));
  const args = [tsc, '-p', `${moduleResolution}.json`];
  const { code, output } = await run(process.execPath, args, { cwd: project });
  expect(output).toBe('');
  expect(code).toBe(0);
});
