import { configDefaults, defineConfig } from 'vitest/config';
import { SkipReporter } from './test/house/skip-reporter.ts';

const baseUrl = process.env['BASE_URL'];

/** What runs on emulated AWS (docs/testing.md), and there against what was deployed. */
const onAws = ['test/aws/**/*.test.ts', 'test/adapters/aws-*.test.ts'];
const onDeployment = ['test/aws/deployed/**/*.test.ts'];
/** What no HTTP API passes on as it came, or the emulated one does not; each file says which. */
const notByHttpApis = ['test/conformance/unaltered/**'];
/** What needs the path as it was encoded, which neither emulated API passes on. */
const notByEmulatedApis = ['test/conformance/encoded/**'];
/** What runs under AWS's runtime client (docs/runtime-lane.md). */
const onRuntime = ['test/runtime/**/*.test.ts'];
/** Requests that a tool from PyPI draws from the description of the API. */
const onDescription = ['test/openapi/**/*.test.ts'];
/** What is done with the package once it is installed elsewhere (docs/package.md). */
const onPackage = ['test/package/**/*.test.ts'];

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Nothing is left out silently: `.only` fails the run, and so does a skipped test unless
    // test/skipped.txt names it.
    allowOnly: false,
    reporters: ['default', new SkipReporter()],
    // The conformance suite runs against this server, if it is set (vitest itself sets it to `/`).
    ...(baseUrl === undefined ? {} : { env: { BASE_URL: baseUrl } }),
    coverage: { include: ['lib/**'] },
    // One after the other: each keeps two cores busy. A set-up runs only if its project has files to run.
    projects: [
      {
        extends: true,
        test: {
          name: 'local',
          include: ['test/**/*.test.ts'],
          exclude: [
            ...configDefaults.exclude,
            ...onAws,
            ...onRuntime,
            ...onDescription,
            ...onPackage,
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'aws',
          include: onAws,
          exclude: [...configDefaults.exclude, ...onDeployment],
          globalSetup: 'test/aws/setup.ts',
          setupFiles: 'test/aws/each-file.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'runtime',
          include: onRuntime,
          globalSetup: 'test/runtime/setup.ts',
          setupFiles: 'test/aws/each-file.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'openapi',
          include: onDescription,
          globalSetup: 'test/openapi/setup.ts',
          setupFiles: 'test/aws/each-file.ts',
          testTimeout: 300_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 5 },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: onPackage,
          globalSetup: 'test/package/setup.ts',
          setupFiles: 'test/aws/each-file.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 6 },
        },
      },
      // `BASE_URL` names one server to test.
      ...(baseUrl === undefined
        ? [deployed('http-api', 3, notByHttpApis), deployed('rest-api', 4, [])]
        : []),
    ],
  },
});

/** The conformance suite, and more, against the stack that has this kind of API. */
function deployed(name: string, groupOrder: number, exclude: readonly string[]) {
  return {
    extends: true as const,
    test: {
      name,
      include: ['test/conformance/**/*.test.ts', ...onDeployment],
      exclude: [...configDefaults.exclude, ...notByEmulatedApis, ...exclude],
      globalSetup: 'test/aws/deployed/setup.ts',
      setupFiles: 'test/aws/each-file.ts',
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // Each call in flight may be a process of its own.
      fileParallelism: false,
      sequence: { groupOrder },
    },
  };
}
