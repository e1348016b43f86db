import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const first = ['.golden.test.', '/errors.test.'];
/** Slow, or slow to load: clients of Kafka, many values, corrupt messages by the thousand. */
const last = ['/npm.golden.', '.prop.test.', '/clients.test.', '/compression', 'scenarios'];

/** What kills a mutant ends its run, so what is short and sees much comes first. */
class ShortFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const late = last.findIndex((part) => moduleId.includes(part));
      if (late >= 0) return 1 + late;
      return first.some((part) => moduleId.includes(part)) ? -1 : 0;
    };
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
    // Each mutant gets a worker of its own all the same; half the work is loading modules.
    isolate: false,
    testTimeout: 30_000,
    sequence: { sequencer: ShortFirst },
  },
});
