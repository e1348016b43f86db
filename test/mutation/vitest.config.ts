import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Short files first: most mutants die there, and the rest is not run for them. */
class ShortFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      ['.prop.test.', 'compression', 'scenarios.mutation'].findIndex((part) =>
        moduleId.includes(part),
      );
    return files.toSorted((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

const explores = process.env['EXPLORE'] !== '0';

/** The tests that look for mutants: what is quick. */
export default defineConfig({
  resolve: { alias: { 'fast-check': path('same-seed.ts') } },
  test: {
    include: [
      'test/{core,protocol,store}/**/*.test.ts',
      ...(explores ? ['test/mutation/scenarios.mutation.ts'] : []),
    ],
    environment: 'node',
    // Each mutant gets a new worker; its files may share their modules.
    isolate: true,
    testTimeout: 30_000,
    sequence: { sequencer: ShortFirst },
  },
});
