/** What each lint rule is there to catch: file by file, one offence a line, and what oxlint must say. */
export interface Offence {
  readonly path: string;
  readonly source: string;
  /** The rule's code as oxlint prints it. */
  readonly code: string;
  /** Part of the message or the help: for a ban, the replacement. */
  readonly says: string;
}

const IMPORTS = 'eslint(no-restricted-imports)';
const GLOBALS = 'eslint(no-restricted-globals)';
const PROPERTIES = 'eslint(no-restricted-properties)';
const EXPORTED_NUMBER = 'export const x = 1;\n';

/** One import that each layer must not make. */
const WRONG_WAY: Readonly<Record<string, string>> = {
  std: 'protocol',
  protocol: 'ports',
  ports: 'core',
  core: 'store',
  store: 'engine',
  engine: 'broker',
  broker: 'maintain',
  maintain: 'broker',
  http: 'local',
  wire: 'client',
  client: 'local',
  local: 'cli',
  cli: 'console',
  console: 'cli',
  adapters: 'core',
};

function imports(layer: string, from: string, says: string): Offence {
  const name = from.replaceAll(/[^a-z0-9]+/g, '-');
  const source = `import { x } from '${from}';\nexport const y = x;\n`;
  return { path: `lib/${layer}/imports${name}.ts`, source, code: IMPORTS, says };
}

const layers = Object.entries(WRONG_WAY).map(([layer, other]) =>
  imports(layer, `../${other}/x.ts`, `layers: lib/${layer} imports `),
);

const otherImports = [
  imports('engine', '../adapters/memory/x.ts', 'layers: lib/engine imports '),
  imports('core', '../../lib/store/x.ts', 'layers: lib/core imports '),
  imports('engine', '../../test/sim/x.ts', 'layers: lib/engine imports '),
  imports('core/log', '../../engine/x.ts', 'layers: lib/core imports '),
  imports('core', 'zod', 'core is pure'),
  imports('core', 'node:zlib', 'core is pure'),
  imports('broker', '@aws-sdk/client-s3', 'take the ObjectStore or the MetadataTable port'),
  imports('broker', 'node:fs/promises', 'take the ObjectStore or the MetadataTable port'),
  imports('engine', 'node:sqlite', 'take the ObjectStore or the MetadataTable port'),
  imports('engine', 'node:timers/promises', 'take the Clock port'),
  imports('engine', 'timers', 'take the Clock port'),
  imports('engine', 'node:perf_hooks', 'take the Clock port'),
  ...['randomUUID', 'randomBytes', 'randomInt'].map((name) => ({
    path: `lib/engine/imports-${name}.ts`,
    source: `import { ${name} } from 'node:crypto';\nexport const y = ${name};\n`,
    code: IMPORTS,
    says: 'take the Ids port or the Random port',
  })),
  {
    path: 'lib/store/imports-later.ts',
    source: `export const later = () => import('../engine/x.ts');\n`,
    code: IMPORTS,
    says: 'layers: lib/store imports ',
  },
  {
    path: 'lib/store/exports-from.ts',
    source: `export { x } from '../engine/x.ts';\n`,
    code: IMPORTS,
    says: 'layers: lib/store imports ',
  },
  {
    path: 'lib/store/imports-type.ts',
    source: `import type { X } from '../engine/x.ts';\nexport type Y = X;\n`,
    code: IMPORTS,
    says: 'layers: lib/store imports ',
  },
];

function uses(expression: string, code: string, says: string): Offence {
  const name = expression.replaceAll(/[^A-Za-z0-9]+/g, '-');
  return {
    path: `lib/engine/uses-${name}.ts`,
    source: `export const x = () => ${expression};\n`,
    code,
    says,
  };
}

const ambient = [
  uses('Date.now()', GLOBALS, 'take the Clock port: clock.now()'),
  uses('new Date()', GLOBALS, 'take the Clock port: clock.now()'),
  uses('globalThis.Date.now()', GLOBALS, 'take the Clock port: clock.now()'),
  uses('performance.now()', GLOBALS, 'take the Clock port: clock.monotonic()'),
  uses('setTimeout(() => 1, 1)', GLOBALS, 'take the Clock port: clock.sleep'),
  uses('setInterval(() => 1, 1)', GLOBALS, 'take the Clock port: clock.sleep'),
  uses('setImmediate(() => 1)', GLOBALS, 'take the Clock port: clock.sleep'),
  uses('crypto.randomUUID()', GLOBALS, 'take the Ids port'),
  uses('Math.random()', PROPERTIES, 'take the Random port: random.next()'),
  uses('process.hrtime()', PROPERTIES, 'take the Clock port: clock.monotonic()'),
  uses('process.uptime()', PROPERTIES, 'take the Clock port: clock.monotonic()'),
  uses('Promise.all([])', PROPERTIES, 'take together()'),
  uses('AbortSignal.timeout(1)', PROPERTIES, 'take the Clock port: clock.sleep'),
];

const outsideLib: readonly Offence[] = [
  ...['lib/adapters/embedded', 'lib/local', 'lib/cli', 'cdk', 'test'].map((folder) => ({
    path: `functions/produce/imports-${folder.replaceAll('/', '-')}.ts`,
    source: `import { x } from '../../${folder}/x.ts';\nexport const y = x;\n`,
    code: IMPORTS,
    says: 'layers: functions import lib up to http',
  })),
  ...['lib/engine', 'lib/adapters/aws', 'test'].map((folder) => ({
    path: `cdk/imports-${folder.replaceAll('/', '-')}.ts`,
    source: `import { x } from '../${folder}/x.ts';\nexport const y = x;\n`,
    code: IMPORTS,
    says: 'layers: cdk imports the routes of lib/http',
  })),
  {
    path: 'functions/uses-date.ts',
    source: 'export const x = () => Date.now();\n',
    code: GLOBALS,
    says: 'take the Clock port: clock.now()',
  },
  {
    path: 'functions/produce/handler.ts',
    source: EXPORTED_NUMBER + '// One line too many.\n'.repeat(40),
    code: 'eslint(max-lines)',
    says: '40',
  },
];

const house: readonly Offence[] = [
  {
    path: 'lib/core/waits.ts',
    source: 'export const wait = async (x: Promise<number>) => await x;\n',
    code: 'oxc(no-async-await)',
    says: 'async is not allowed',
  },
  {
    path: 'lib/engine/ring-a.ts',
    source: `import { b } from './ring-b.ts';\nexport const a = () => b;\n`,
    code: 'import(no-cycle)',
    says: 'cycle',
  },
  {
    path: 'lib/engine/ring-b.ts',
    source: `import { a } from './ring-a.ts';\nexport const b = () => a;\n`,
    code: 'import(no-cycle)',
    says: 'cycle',
  },
  {
    path: 'lib/engine/long-file.ts',
    source: EXPORTED_NUMBER + '// One line too many.\n'.repeat(400),
    code: 'eslint(max-lines)',
    says: '400',
  },
  {
    path: 'lib/engine/long-function.ts',
    source: `export function f(): number {\n  let n = 0;\n${'  n += 1;\n'.repeat(70)}  return n;\n}\n`,
    code: 'eslint(max-lines-per-function)',
    says: '70',
  },
  {
    path: 'lib/engine/default.ts',
    source: 'export default 1;\n',
    code: 'import(no-default-export)',
    says: 'named export',
  },
  {
    path: 'lib/engine/prints.ts',
    source: `export const print = () => console.log('x');\n`,
    code: 'eslint(no-console)',
    says: 'console',
  },
  {
    path: 'lib/engine/any.ts',
    source: 'export const any = (x: any): unknown => x;\n',
    code: 'typescript(no-explicit-any)',
    says: 'any',
  },
  {
    path: 'lib/engine/floating.ts',
    source: 'const work = async () => 1;\nexport function f(): void {\n  work();\n}\n',
    code: 'typescript(no-floating-promises)',
    says: 'await',
  },
  {
    path: 'lib/engine/misses-a-case.ts',
    source: `export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n      f('b');\n  }\n}\n`,
    code: 'typescript(switch-exhaustiveness-check)',
    says: '"b"',
  },
  {
    path: 'lib/engine/suspicious.ts',
    source: 'export const f = (x: number) => (y: number) => ((x: number) => x)(x + y);\n',
    code: 'eslint(no-shadow)',
    says: 'x',
  },
  {
    path: 'lib/engine/correctness.ts',
    source: 'export const f = (x: number) => x === Number.NaN;\n',
    code: 'eslint(use-isnan)',
    says: 'NaN',
  },
  {
    path: 'lib/engine/needless.ts',
    source:
      '// oxlint-disable-next-line no-console -- nothing is printed here\nexport const x = 1;\n',
    code: '',
    says: 'Unused oxlint-disable directive',
  },
  {
    path: 'test/expects.test.ts',
    source: `import { expect, test } from 'vitest';\ntest('x', () => {\n  expect(1, 'a', 'b').toBe(1);\n});\n`,
    code: 'vitest(valid-expect)',
    says: 'at most 2',
  },
];

export const OFFENCES: readonly Offence[] = [
  ...layers,
  ...otherImports,
  ...ambient,
  ...outsideLib,
  ...house,
];

/** Files that look alike and are fine where they are. */
export const INNOCENT: Readonly<Record<string, string>> = {
  'lib/adapters/memory/time.ts': `import { randomBytes } from 'node:crypto';\nexport const now = () => [Date.now(), Math.random(), randomBytes(1)];\n`,
  'lib/adapters/embedded/file.ts': `import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n`,
  'lib/core/log/hash.ts': `import { createHash } from 'node:crypto';\nimport { x } from '../../std/x.ts';\nexport const h = () => [createHash('sha256'), x];\n`,
  'lib/local/serve.ts': `import { now } from '../adapters/memory/time.ts';\nexport const serve = () => console.log(now());\n`,
  'functions/fetch/handler.ts': `import { x } from '../../lib/adapters/aws/x.ts';\nexport const handler = x;\n`,
  'cdk/stack.ts': `import { App } from 'aws-cdk-lib';\nimport { routes } from '../lib/http/routes.ts';\n\nnew App({ context: { routes } });\n`,
  'lib/adapters/aws/x.ts': EXPORTED_NUMBER,
  'lib/http/routes.ts': 'export const routes = [];\n',
  'lib/std/x.ts': EXPORTED_NUMBER,
  'lib/engine/x.ts': `${EXPORTED_NUMBER}export type X = number;\n`,
  'test/adapters.test.ts': `import { expect, test } from 'vitest';\nimport { now } from '../lib/adapters/memory/time.ts';\ntest('x', () => {\n  expect(now()).toHaveLength(3);\n});\n`,
  'vitest.config.ts': 'export default {};\n',
};
