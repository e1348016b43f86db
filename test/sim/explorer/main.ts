import { explore } from './explore.ts';
import { summaryText, traceText } from './print.ts';
import { longScenarios, scenarios } from './scenarios.ts';

/**
 * node test/sim/explorer/main.ts [--long | --json] [scenario …]
 *
 * Explores the scenarios named, or all; prints what was visited, and the way to what does not
 * hold.
 */
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isLong = process.argv.includes('--long');
const isJson = process.argv.includes('--json');
const all = [...scenarios, ...longScenarios];

for (const scenario of isLong || names.length > 0 ? all : scenarios) {
  if (names.length > 0 && !names.includes(scenario.name)) continue;
  const before = performance.now();
  const explored = explore(scenario);
  if (isJson) {
    const { states, cut, violation } = explored;
    console.log(
      JSON.stringify({ states, cut, rule: violation?.rule, steps: violation?.trace.length }),
    );
    continue;
  }
  const seconds = ((performance.now() - before) / 1_000).toFixed(1);
  console.log(`${summaryText(explored)}; ${seconds} s`);
  if (explored.violation === undefined) continue;
  console.log(traceText(explored));
  process.exitCode = 1;
}
