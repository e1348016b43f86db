import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { environment, installedIn } from '../../package/installation.ts';
import { run } from '../house/run.ts';
import { evaluate, loadedBy } from './evaluate.ts';

const project = inject('cdkProject');
const assembly = join(project, 'cdk.out');

const app = `
  import { App, Stack } from 'aws-cdk-lib';
  import { Tailrace, TailraceStack } from 'tailrace/cdk';
  const app = new App({ outdir: 'cdk.out' });
  new Tailrace(new Stack(app, 'Own'), 'Log', { api: { kind: 'rest' } });
  new TailraceStack(app, 'Whole');
  app.synth();
`;

beforeAll(async () => {
  writeFileSync(join(project, 'app.mjs'), app);
  const { code, output } = await run(process.execPath, ['app.mjs'], {
    cwd: project,
    env: environment,
  });
  if (code !== 0) throw new Error(output);
}, 300_000);

const functionsOf = (stack: string): readonly string[] => {
  const text = readFileSync(join(assembly, `${stack}.template.json`), 'utf8');
  const { Resources } = JSON.parse(text) as {
    Resources: Record<string, { Type: string; Properties: { Code?: { S3Key: string } } }>;
  };
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => Properties.Code?.S3Key ?? '');
};

test.each(['Own', 'Whole'])('%s: five functions, of the code that the package has', (stack) => {
  const duties = readdirSync(join(project, 'node_modules/tailrace/dist/handlers'));
  const codeOf = (folder: string) => readFileSync(join(folder, 'index.mjs'));
  const shipped = duties.map((duty) =>
    codeOf(join(project, 'node_modules/tailrace/dist/handlers', duty)).toString(),
  );
  const deployed = functionsOf(stack).map((key) =>
    codeOf(join(assembly, `asset.${key.replace('.zip', '')}`)).toString(),
  );
  expect(deployed).toHaveLength(5);
  expect(deployed.toSorted()).toEqual(shipped.toSorted());
});

test('there is no bundler, and the construct loads no SDK', async () => {
  const { packages } = await installedIn(project);
  expect(packages).toContain('node_modules/aws-cdk-lib');
  expect(
    packages.filter((path) => /node_modules\/(?:esbuild|rolldown|webpack)$/.test(path)),
  ).toEqual([]);
  const files = await loadedBy(project, 'tailrace/cdk');
  expect(files).toContain('tailrace/cdk/index.js');
  expect(files.filter((file) => /^(?:@aws-sdk|@smithy|@middy|@aws-lambda)/.test(file))).toEqual([]);
});

test('an app of CommonJS requires it', async () => {
  const source = `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    console.log(JSON.stringify(Object.keys(require('tailrace/cdk'))));
  `;
  expect(await evaluate(project, source)).toEqual(['Tailrace', 'TailraceStack']);
});
