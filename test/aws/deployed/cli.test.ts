import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { stackOutputs } from '../../../lib/client/direct/stack-outputs.ts';
import { must } from '../../../lib/std/assert.ts';
import { done } from '../../cli/tailrace.ts';
import { region } from '../account.ts';
import { startCloudFormation } from '../cloudformation.ts';
import type { CloudFormation } from '../cloudformation.ts';
import { account } from '../deploy.ts';

const { stack, url } = must(inject('deployment'), 'deployment');
const aws = {
  AWS_ENDPOINT_URL: inject('emulator'),
  AWS_ACCESS_KEY_ID: account,
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: region,
};

let cloudFormation: CloudFormation;
beforeAll(async () => {
  for (const [name, value] of Object.entries(aws)) vi.stubEnv(name, value);
  // What a stack says of itself has the URL that AWS would answer; the emulator's is another.
  cloudFormation = await startCloudFormation({ [stack]: { ApiUrl: url } });
});
afterAll(async () => {
  await cloudFormation.close();
  vi.unstubAllEnvs();
});

test('the command line speaks to a stack, to its API and to its stores: one log', async () => {
  const outputs = await stackOutputs(stack, ['table', 'bucket']);
  const byName = { ...aws, AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url };
  const stores = ['--table', outputs.table, '--bucket', outputs.bucket];
  const topic = 'by-command-line';
  await done(['topic', 'create', topic, '--stack', stack], '', byName);
  await done(['produce', topic, '--stack', stack], '1\n', byName);
  await done(['produce', topic, '--server', url], '2\n', aws);
  await done(['produce', topic, ...stores], '3\n', aws);
  for (const target of [['--stack', stack], ['--server', url], stores]) {
    expect(await done(['consume', topic, '--until-end', ...target], '', byName)).toBe('1\n2\n3\n');
  }
});
