import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundles } from '../../cdk/bundles.ts';
import { run } from '../house/run.ts';

// The whole way once: the command that people are told to type, with what cdk.json says.

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'tailrace-synth-'));
const noSigns = { AWS_REGION: '', AWS_PROFILE: '', AWS_ACCESS_KEY_ID: '' };

beforeAll(async () => {
  const env = { ...process.env, ...noSigns, CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' };
  const args = ['cdk', 'synth', '--quiet', '--no-notices', '--output', folder];
  const { code, output } = await run('npx', args, { cwd: root, env });
  if (code !== 0) throw new Error(output);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

const json = (name: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Readonly<Record<string, unknown>>;

test('npx cdk synth writes one stack, without a sign of where it was made', () => {
  const template = json('Tailrace.template.json');
  expect(Object.keys(template['Outputs'] as object)).toEqual(
    expect.arrayContaining(['ApiUrl', 'ApiId', 'ApiStage', 'TableName', 'BucketName']),
  );
  expect(JSON.stringify(template)).not.toContain(root);
  const { artifacts } = json('manifest.json') as {
    artifacts: Record<string, { type: string; environment?: string }>;
  };
  const stacks = Object.entries(artifacts).filter(
    ([, { type }]) => type === 'aws:cloudformation:stack',
  );
  expect(stacks.map(([name, { environment }]) => [name, environment])).toEqual([
    ['Tailrace', 'aws://unknown-account/unknown-region'],
  ]);
});

test('what it bundles is what the sizes are told of', async () => {
  const assets = readdirSync(folder).filter((name) => name.startsWith('asset.'));
  const sizes = assets.map((asset) => readFileSync(join(folder, asset, 'index.mjs')).length);
  const expected = (await bundles()).map(({ bytes }) => bytes);
  expect(new Set(sizes)).toEqual(new Set(expected));
  for (const asset of assets) expect(readdirSync(join(folder, asset))).toEqual(['index.mjs']);
});
