// What tests deploy, on an emulator: one stack per kind of API, open to everyone, and nothing of it is kept.

import { App, RemovalPolicy } from 'aws-cdk-lib';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { writeBundles } from './bundles.ts';
import { TailraceStack } from './tailrace-stack.ts';

await writeBundles();
const app = new App();
for (const kind of ['http', 'rest'] as const) {
  new TailraceStack(app, `tailrace-test-${kind}`, {
    tailrace: {
      api: { kind, authorizer: 'none' },
      // Of the machine that runs it, which emulators run functions on.
      architecture: process.arch === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      removalPolicy: RemovalPolicy.DESTROY,
    },
  });
}
