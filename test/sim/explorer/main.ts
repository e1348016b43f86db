import { summaryText, traceText } from './print.ts';
import { longSubjects, subjects } from './systems.ts';

/**
 * node test/sim/explorer/main.ts [--long | --json] [scenario …]
 *
 * Explores the scenarios named, or all; prints what was visited, and the way to what does not
 * hold.
 */
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isLong = process.argv.includes('--long');
const isJson = process.argv.includes('--json');
const all = [...subjects, ...longSubjects];

for (const subject of isLong || names.length > 0 ? all : subjects) {
  if (names.length > 0 && !names.includes(subject.name)) continue;
  const before = performance.now();
  const explored = subject.explore();
  if (isJson) {
    const { states, cut, violation } = explored;
    console.log(
      JSON.stringify({ states, cut, rule: violation?.rule, steps: violation?.trace.length }),
    );
    continue;
  }
  const seconds = ((performance.now() - before) / 1_000).toFixed(1);
  console.log(`${summaryText(subject, explored)}; ${seconds} s`);
  if (explored.violation === undefined) continue;
  console.log(traceText(explored.violation));
  process.exitCode = 1;
}
