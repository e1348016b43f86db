import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const versions = z.record(z.string(), z.string());
const ours = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  dependencies: versions,
  devDependencies: versions,
});

/** What is needed only by who deploys the construct, or compiles, and who does has it already. */
const peers = ['@types/node', 'aws-cdk-lib', 'constructs'];
const nodeMin = '>=24';

/**
 * The manifest of the package, made from that of the repository. Throws if something is imported that
 * is not among its dependencies: an installation would lack it.
 */
export function manifestOf(root: string, imported: readonly string[]): object {
  const manifest = ours.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const { name, version, description, license } = manifest;
  const names = imported.filter((each) => !peers.includes(each));
  const missing = names.filter((each) => manifest.dependencies[each] === undefined);
  if (missing.length > 0) {
    throw new Error(`what is shipped imports what is no dependency: ${missing.join(', ')}`);
  }
  const client = entry('lib/client/index');
  return {
    name,
    version,
    description,
    keywords: ['kafka', 'log', 'serverless', 's3', 'dynamodb', 'lambda', 'cdk'],
    license,
    type: 'module',
    engines: { node: nodeMin },
    bin: { tailrace: 'bin/tailrace.js' },
    // What reads no `exports` finds the same.
    main: client.default,
    types: client.types,
    exports: {
      '.': client,
      './cdk': entry('cdk/index'),
      './package.json': './package.json',
    },
    dependencies: pick(manifest.dependencies, names),
    peerDependencies: { ...pick(manifest.devDependencies, peers), '@types/node': nodeMin },
    peerDependenciesMeta: Object.fromEntries(peers.map((each) => [each, { optional: true }])),
  };
}

function entry(path: string) {
  return { types: `./${path}.d.ts`, default: `./${path}.js` };
}

function pick(from: Readonly<Record<string, string>>, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}
