// A rule that never fires is worse than none: test/house/lint.test.ts breaks each of these once.
// This is TypeScript, not JSON, because an override replaces a rule's whole configuration: the layers
// and the bans on ambient effects are one table each and are combined per folder below.

const CLOCK = 'take the Clock port';
const RANDOM = 'take the Random port';
const IDS = 'take the Ids port';

/** Each folder of lib/ and what it may import: only what stands left of it (docs/architecture.md). */
const ENGINE = ['std', 'protocol', 'ports', 'core', 'store'];
const HTTP = [...ENGINE, 'engine', 'broker', 'maintain'];
const DOORS = [...HTTP, 'http'];
const PROGRAMS = [...DOORS, 'wire', 'client', 'local', 'adapters'];
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  std: [],
  protocol: ['std'],
  ports: ['std', 'protocol'],
  core: ['std', 'protocol', 'ports'],
  store: ['std', 'protocol', 'ports', 'core'],
  engine: ENGINE,
  broker: [...ENGINE, 'engine'],
  maintain: [...ENGINE, 'engine'],
  http: HTTP,
  wire: DOORS,
  client: [...DOORS, 'adapters'],
  local: [...DOORS, 'adapters'],
  cli: PROGRAMS,
  console: PROGRAMS,
  adapters: ['std', 'protocol', 'ports'],
};
const OUTSIDE_LIB = ['functions', 'cdk', 'package', 'test', 'bench', 'examples'];
const MAY_CONNECT = ['adapters', 'client', 'local', 'cli'];

type Ban = { readonly name: string; readonly message: string };

const GLOBALS: readonly Ban[] = [
  { name: 'Date', message: `${CLOCK}: clock.now() or clock.serviceNow()` },
  { name: 'performance', message: `${CLOCK}: clock.monotonic()` },
  { name: 'setTimeout', message: `${CLOCK}: clock.sleep(ms, signal)` },
  { name: 'setInterval', message: `${CLOCK}: clock.sleep(ms, signal) in a loop` },
  { name: 'setImmediate', message: `${CLOCK}: clock.sleep(0)` },
  { name: 'crypto', message: `${IDS} or the Random port; to hash, createHash of node:crypto` },
];

const PROPERTIES = [
  { object: 'Math', property: 'random', message: `${RANDOM}: random.next()` },
  { object: 'process', property: 'hrtime', message: `${CLOCK}: clock.monotonic()` },
  { object: 'process', property: 'uptime', message: `${CLOCK}: clock.monotonic()` },
  { object: 'Promise', property: 'all', message: 'take together(): it leaves nothing under way' },
  { object: 'AbortSignal', property: 'timeout', message: `${CLOCK}: clock.sleep(ms, signal)` },
];

const MODULES = [
  ...['timers', 'timers/promises', 'perf_hooks'].map((name) => ({ name, message: CLOCK })),
  {
    name: 'crypto',
    importNames: [
      'default',
      'randomUUID',
      'randomBytes',
      'randomInt',
      'randomFillSync',
      'webcrypto',
    ],
    message: `${IDS} or the Random port`,
  },
].flatMap((ban) => [ban, { ...ban, name: `node:${ban.name}` }]);

function importBans(layer: string) {
  const allowed = LAYERS[layer] ?? [];
  const foreign = Object.keys(LAYERS).filter(
    (other) => other !== layer && !allowed.includes(other),
  );
  const left = allowed.length === 0 ? 'nothing else of lib' : allowed.join(', ');
  const patterns = [
    {
      regex: `^(?:\\.{1,2}/)+(?:lib/)?(?:${[...foreign, ...OUTSIDE_LIB].join('|')})/`,
      message: `layers: lib/${layer} imports ${left}`,
    },
  ];
  if (layer === 'core') {
    patterns.push({
      // Neither relative nor node:crypto; the engine's regular expressions cannot look ahead.
      regex: '^(?:[^.n]|n[^o]|no[^d]|nod[^e]|node[^:]|node:(?:[^c]|c[^r]))',
      message: 'core is pure: no packages and no I/O; take what you need as a value',
    });
  }
  if (!MAY_CONNECT.includes(layer)) {
    patterns.push({
      regex: '^(?:@aws-sdk/|@smithy/|(?:node:)?(?:sqlite|fs)(?:/|$))',
      message: 'take the ObjectStore or the MetadataTable port; only lib/adapters knows a store',
    });
  }
  return { paths: layer === 'adapters' ? [] : MODULES, patterns };
}

/** Outside of lib/: what is deployed, and what deploys it. */
const DEPLOYED = [
  {
    files: 'functions/**',
    regex: `^(?:\\.{1,2}/)+(?:lib/(?:wire|client|local|cli|console|adapters/(?:embedded|memory))|cdk|test|bench|examples)/`,
    message: 'layers: functions import lib up to http, and the adapters of aws and system',
  },
  {
    files: 'cdk/**',
    regex: `^(?:\\.{1,2}/)+(?:lib/(?:[^h]|h[^t])|test|bench|examples)`,
    message: 'layers: cdk imports the routes of lib/http and what functions/ say of themselves',
  },
];

const layerOverrides = Object.keys(LAYERS).map((layer) => ({
  files: [`lib/${layer}/**`],
  rules: {
    'eslint/no-restricted-imports': ['error', importBans(layer)],
    ...(layer === 'core' ? { 'oxc/no-async-await': 'error' } : {}),
    ...(layer === 'local' || layer === 'cli' ? { 'eslint/no-console': 'off' } : {}),
  },
}));

export default {
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  categories: { correctness: 'error', suspicious: 'error' },
  // node_modules by name: where it is a link, oxlint would follow it.
  ignorePatterns: ['**/fixtures/**', '**/golden/**', 'coverage/**', 'node_modules'],
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/switch-exhaustiveness-check': [
      'error',
      { considerDefaultExhaustiveForUnions: true },
    ],
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    // `as` is how brands and validated bytes are made; casts are judged in review.
    'typescript/no-unsafe-type-assertion': 'off',
    // TypeScript's noImplicitReturns says the same.
    'typescript/consistent-return': 'off',
    'eslint/no-underscore-dangle': 'off',
    // Byte tables are written field by field.
    'eslint/no-useless-concat': 'off',
    // fast-check is imported as `fc`, as its own guide does.
    'import/no-named-as-default-member': 'off',
    // Meant for windows; here postMessage belongs to worker threads.
    'unicorn/require-post-message-target-origin': 'off',
    // A property asserts one thing of valid inputs and another of the rest.
    'vitest/no-conditional-expect': 'off',
  },
  overrides: [
    {
      files: ['lib/**', 'functions/**'],
      rules: {
        'eslint/no-console': 'error',
        'eslint/max-lines': ['error', { max: 400 }],
        'eslint/max-lines-per-function': ['error', { max: 70 }],
        'eslint/no-restricted-globals': ['error', { globals: GLOBALS, checkGlobalObject: true }],
        'eslint/no-restricted-properties': ['error', ...PROPERTIES],
      },
    },
    ...layerOverrides,
    ...DEPLOYED.map(({ files, regex, message }) => ({
      files: [files],
      rules: {
        'eslint/no-restricted-imports': [
          'error',
          { paths: MODULES, patterns: [{ regex, message }] },
        ],
      },
    })),
    {
      files: ['functions/*/handler.ts'],
      rules: { 'eslint/max-lines': ['error', { max: 40 }] },
    },
    // A construct adds itself to the scope that it is given.
    { files: ['cdk/**'], rules: { 'eslint/no-new': 'off' } },
    {
      files: ['lib/adapters/**'],
      rules: { 'eslint/no-restricted-globals': 'off', 'eslint/no-restricted-properties': 'off' },
    },
    { files: ['test/**', 'bench/**'], rules: { 'unicorn/consistent-function-scoping': 'off' } },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
};
