import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { run } from '../house/run.ts';
import { region } from './account.ts';

const root = resolve(import.meta.dirname, '../..');
const cdkProgram = join(root, 'node_modules/aws-cdk/bin/cdk');
/** Where everything is deployed to. */
export const account = '000000000000';
/** Synthesis takes 9 s on two idle cores, a deployment 2 to 6 s. */
const cdkMs = 180_000;

/** The stacks of the test app (cdk/test-app.ts), by the kind of API that each has. */
const stacks = { 'http-api': 'tailrace-test-http', 'rest-api': 'tailrace-test-rest' } as const;
export type ApiKind = keyof typeof stacks;

export interface Deployment {
  readonly kind: ApiKind;
  /** The stack's name. */
  readonly stack: string;
  /** Where the API is, on an emulator. */
  readonly url: string;
  /** What its functions, which know nothing of an emulator's paths, put in front of links. */
  readonly linkBase: string;
}

/** Writes what is to be deployed, functions bundled, into a folder. */
export async function synthesise(assembly: string): Promise<void> {
  // Without an endpoint: what is synthesised must not depend on where it goes.
  await cdk(['synth', '--quiet', '--output', assembly, '--app', 'node cdk/test-app.ts'], {});
}

/** Makes an emulator ready for `deploy`, once. */
export async function bootstrap(endpoint: string, assembly: string): Promise<void> {
  const target = `aws://${account}/${region}`;
  await cdk(['bootstrap', '--app', assembly, target], { AWS_ENDPOINT_URL: endpoint });
}

/** Deploys one of the stacks, over what is there of it, by the plain command line of the CDK. */
export async function deploy(
  endpoint: string,
  assembly: string,
  kind: ApiKind,
): Promise<Deployment> {
  const stack = stacks[kind];
  const file = join(assembly, `outputs-${kind}.json`);
  const how = ['--require-approval', 'never', '--method=direct', '--outputs-file', file];
  await cdk(['deploy', stack, '--app', assembly, ...how], { AWS_ENDPOINT_URL: endpoint });
  return deploymentOf(endpoint, kind, JSON.parse(await readFile(file, 'utf8')));
}

/** From the id: the URL in the outputs is one that only AWS would answer. */
function deploymentOf(endpoint: string, kind: ApiKind, outputs: unknown): Deployment {
  const all = z.record(z.string(), z.record(z.string(), z.string())).parse(outputs);
  const stack = stacks[kind];
  const own = all[stack] ?? {};
  const id = own['ApiId'];
  const stage = own['ApiStage'];
  if (id === undefined || stage === undefined) {
    throw new Error(`expected outputs ApiId and ApiStage of ${stack} got=${JSON.stringify(own)}`);
  }
  return kind === 'http-api'
    ? { kind, stack, url: `${endpoint}/_aws/execute-api/${id}/${stage}`, linkBase: endpoint }
    : {
        kind,
        stack,
        url: `${endpoint}/restapis/${id}/${stage}/_user_request_`,
        linkBase: `${endpoint}/${stage}`,
      };
}

async function cdk(args: readonly string[], more: NodeJS.ProcessEnv): Promise<void> {
  // Nothing of a real account, in case there is one.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:AWS|CDK)_/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    CI: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...more,
  };
  const command = [cdkProgram, ...args, '--no-notices'];
  const options = { cwd: root, env, timeoutMs: cdkMs };
  const { code, signal, output } = await run(process.execPath, command, options);
  if (code === 0) return;
  const ended = signal === 'SIGTERM' ? `not ended after ms=${cdkMs}` : `code=${code}`;
  throw new Error(`cdk ${args[0]} ${ended} output=${output.trim().slice(-5_000)}`);
}
