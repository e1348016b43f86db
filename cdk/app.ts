import { App, RemovalPolicy } from 'aws-cdk-lib';
import { TailraceStack } from './tailrace-stack.ts';

const app = new App();
// `npx cdk deploy --context remove=everything` makes ready for a `cdk destroy` that keeps nothing.
const removal = { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true };
const isToGo = app.node.tryGetContext('remove') === 'everything';
new TailraceStack(app, 'Tailrace', { tailrace: isToGo ? removal : {} });
