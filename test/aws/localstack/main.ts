// npm run test:localstack: what runs on LocalStack (docs/testing.md), and what does not, and why.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { startLocalStack } from './host.ts';

const root = resolve(import.meta.dirname, '../../..');
const stores = ['test/aws/probe.test.ts', 'test/adapters/aws-ministack.contract.test.ts'];
// LocalStack takes no slash at the end of a bucket's path for a part of a key.
const slashes = 'keys are kept apart and listed in the order of their bytes';

const skipped = [
  'the HTTP API: the open version of LocalStack has none, and leaves it out of a stack silently',
  `"${slashes}": LocalStack takes no key that consists of slashes`,
];

async function vitest(endpoint: string, ...args: readonly string[]): Promise<boolean> {
  const program = resolve(root, 'node_modules/vitest/vitest.mjs');
  const env = { ...process.env, AWS_ENDPOINT_URL: endpoint };
  const options = { cwd: root, env, stdio: 'inherit' } as const;
  const [code] = await once(spawn(process.execPath, [program, 'run', ...args], options), 'close');
  return code === 0;
}

const runStores = (endpoint: string): Promise<boolean> =>
  vitest(endpoint, '--project', 'aws', ...stores, '-t', `^(?!.*${slashes})`);

/** Without Docker. */
async function runOnHost(): Promise<boolean> {
  skipped.push('the deployed stack: functions of LocalStack need Docker; set AWS_ENDPOINT_URL');
  const { url, stop } = await startLocalStack();
  try {
    return await runStores(url);
  } finally {
    await stop();
  }
}

try {
  const endpoint = process.env['AWS_ENDPOINT_URL'] ?? '';
  const passed =
    endpoint === ''
      ? await runOnHost()
      : [await runStores(endpoint), await vitest(endpoint, '--project', 'rest-api')].every(Boolean);
  if (!passed) process.exitCode = 1;
  console.log(`skipped:\n${skipped.map((what) => `  ${what}`).join('\n')}`);
} catch (error) {
  console.error(`LocalStack cannot run here: ${(error as Error).message}`);
  process.exitCode = 1;
}
