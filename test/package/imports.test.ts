import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { reachOfCode, reachOfTypes } from '../../package/imports.ts';
import { manifestOf } from '../../package/manifest.ts';

const folder = mkdtempSync(join(tmpdir(), 'tailrace-imports-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files = {
  'index.js': `import { readFileSync } from 'node:fs';
    import z from 'zod';
    import './lib/near.js';
    export const later = () => import('./lib/later.js');
    export const text = readFileSync + "from 'nowhere'" + z; // from 'nowhere'`,
  'lib/near.js': `export * from '@aws-sdk/client-s3/dist-es/index.js';`,
  'lib/later.js': `import sub from 'aws-cdk-lib/aws-iam'; export default sub;`,
  'lib/apart.js': `import 'esbuild';`,
  'index.d.ts': `/** As in \`import { x } from 'nowhere'\`. */
import { A } from './lib/a.ts';
export type * from './lib/b.js';
export declare const c: import("./lib/c.ts").C | A | Buffer;`,
  'lib/a.d.ts': `import type { Construct } from 'constructs';\nexport type A = Construct;`,
  'lib/b.d.ts': `export type { Socket } from 'node:net';`,
  'lib/c.d.ts': `import './a.ts';\nexport type C = 1;`,
  'lib/d.d.ts': `import 'esbuild';`,
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test('code leads to what it imports, also if only later', async () => {
  expect(await reachOfCode(folder, ['index.js'])).toEqual({
    files: ['index.js', 'lib/later.js', 'lib/near.js'],
    packages: ['@aws-sdk/client-s3', 'aws-cdk-lib', 'zod'],
  });
});

test('declarations lead to declarations, and examples lead nowhere', () => {
  expect(reachOfTypes(folder, ['index.d.ts'])).toEqual({
    files: ['index.d.ts', 'lib/a.d.ts', 'lib/b.d.ts', 'lib/c.d.ts'],
    packages: ['constructs'],
  });
});

test('declarations that are not there are missed', () => {
  writeFileSync(join(folder, 'broken.d.ts'), `export * from './lib/none.ts';`);
  expect(() => reachOfTypes(folder, ['broken.d.ts'])).toThrow(
    'file=broken.d.ts import=./lib/none.ts',
  );
});

test('what is imported has to be a dependency: to be there in the repository is not enough', () => {
  const root = resolve('.');
  expect(manifestOf(root, ['aws-cdk-lib', 'zod'])).toMatchObject({
    dependencies: { zod: expect.stringMatching(/^\^4\./) },
    peerDependencies: { 'aws-cdk-lib': expect.stringMatching(/^\^2\./) },
  });
  expect(() => manifestOf(root, ['zod', 'esbuild', 'nowhere'])).toThrow(
    'what is shipped imports what is no dependency: esbuild, nowhere',
  );
});
