import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, Validations } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { TailraceStack } from '../../cdk/tailrace-stack.ts';
import { Tailrace } from '../../cdk/tailrace.ts';
import { newApp } from './synthesise.ts';

interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

/** What cdk-nag finds and nobody has acknowledged: `rule in where`. */
function findings(build: (app: ReturnType<typeof newApp>) => void): string[] {
  const app = newApp();
  build(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  try {
    app.synth();
  } catch (error) {
    // The findings are in the report.
    if (!String(error).includes('validation-report.json')) throw error;
  }
  const report = JSON.parse(
    readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'),
  ) as Report;
  return report.pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${ruleName} in ${constructPath}`),
    ),
  );
}

test.each(['http', 'rest'] as const)('nothing is found that has no reason: %s', (kind) => {
  const found = findings(
    (app) =>
      new TailraceStack(app, 'Tailrace', {
        alarmEmail: 'me@h.example',
        tailrace: { api: { kind }, lagMetrics: {} },
      }),
  );
  expect(found).toEqual([]);
});

test('nor with a key and a network', () => {
  const found = findings((app) => {
    const stack = new Stack(app, 'Own');
    const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true }) as IKey;
    const vpc = new Vpc(stack, 'Vpc', { natGateways: 0 }) as IVpc;
    const network = { vpc, vpcSubnets: { subnets: vpc.publicSubnets }, allowPublicSubnet: true };
    return new Tailrace(stack, 'Tailrace', { encryptionKey, network });
  });
  expect(found.filter((finding) => finding.includes('/Tailrace/'))).toEqual([]);
});

test('an API that is open is found', () => {
  const api = { kind: 'http', authorizer: 'none' } as const;
  const found = findings((app) => new TailraceStack(app, 'Tailrace', { tailrace: { api } }));
  expect(found).not.toEqual([]);
  for (const finding of found) expect(finding).toMatch(/^AwsSolutions-APIG4 in /);
});
