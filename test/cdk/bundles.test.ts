import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { bundles } from '../../cdk/bundles.ts';
import { duties } from '../../cdk/permissions.ts';

const made = await bundles();

/** The sizes that docs/deploy.md tells, which `npm run sizes` printed. */
const told = new Map(
  [
    ...readFileSync(resolve('docs/deploy.md'), 'utf8').matchAll(
      /^\| (\w+) \| ([\d,]+) \| ([\d,]+) \|$/gm,
    ),
  ].map(([, duty, bytes, zipped]) => [
    duty,
    [bytes, zipped].map((shown) => Number(shown?.replaceAll(',', ''))),
  ]),
);

test('there is one for each duty', () => {
  expect(made.map(({ duty }) => duty)).toEqual(duties);
  expect([...told.keys()]).toEqual(duties);
});

test.each(made)('$duty is of the size that is told', ({ duty, bytes, zippedBytes }) => {
  const [toldBytes = 0, toldZipped = 0] = told.get(duty) ?? [];
  // Packages may grow a little; what is surprising has to be looked at, and told.
  for (const [is, was] of [
    [bytes, toldBytes],
    [zippedBytes, toldZipped],
  ] as const) {
    expect(Math.abs(is / was - 1), `${is} instead of ${was}: npm run sizes`).toBeLessThan(0.03);
  }
});

test.each(made)('$duty has nothing of a laptop in it, or of a test', ({ files }) => {
  const own = files.filter((file) => !file.includes('node_modules'));
  expect(own.length).toBeGreaterThan(50);
  const foreign =
    /^(?:lib\/(?:local|cli|console|wire|client|adapters\/(?:embedded|memory))|cdk|test|bench|bin|examples)\//;
  expect(own.filter((file) => foreign.test(file))).toEqual([]);
  const packages = files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  for (const unwanted of ['commander', 'aws-cdk-lib', 'constructs', 'esbuild', 'aws-sdk']) {
    expect(packages).not.toContain(unwanted);
  }
});

test('maintenance has no HTTP in it', () => {
  const files = made.find(({ duty }) => duty === 'maintain')?.files ?? [];
  expect(
    files.filter((file) => /lib\/http\/|node_modules\/(?:zod|find-my-way)\//.test(file)),
  ).toEqual([]);
});
