import { defineConfig } from 'vitest/config';
import { SkipReporter } from './test/house/skip-reporter.ts';

const baseUrl = process.env['BASE_URL'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
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
  },
});
