import { App, RemovalPolicy } from 'aws-cdk-lib';
import { writeBundles } from './bundles.ts';
import { TailraceStack } from './tailrace-stack.ts';

await writeBundles();
const app = new App();
/** What the command line may say: `npx cdk deploy --context alarmEmail=me@example.com`. */
const given = (name: string): string | undefined =>
  app.node.tryGetContext(name) as string | undefined;

const alarmEmail = given('alarmEmail');
// `--context remove=everything` makes ready for a `cdk destroy` that keeps nothing.
const removal = { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true };

new TailraceStack(app, 'Tailrace', {
  ...(alarmEmail === undefined ? {} : { alarmEmail }),
  tailrace: given('remove') === 'everything' ? removal : {},
});
