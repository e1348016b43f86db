import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

const LIST = 'test/skipped.txt';

/** Fails a run in which a test was skipped or left to do, unless test/skipped.txt names it. */
export class SkipReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const config = this.#vitest?.config;
    // With -t, vitest skips whatever the pattern leaves out; that run was asked for.
    if (config === undefined || config.testNamePattern !== undefined) return;
    const declared = new Set(readFileSync(join(config.root, LIST), 'utf8').split('\n'));
    const skipped = modules
      .flatMap((module) => [...module.children.allTests('skipped')])
      .map((test) => `${test.module.relativeModuleId} > ${test.fullName}`);
    const allowed = skipped.filter((name) => declared.has(name));
    if (allowed.length > 0) {
      console.error(`skipped, as ${LIST} allows:\n  ${allowed.join('\n  ')}\n`);
    }
    const undeclared = skipped.filter((name) => !declared.has(name));
    if (undeclared.length === 0) return;
    process.exitCode = 1;
    console.error(`skipped, but not declared in ${LIST}:\n  ${undeclared.join('\n  ')}\n`);
  }
}
