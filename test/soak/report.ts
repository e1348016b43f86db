import { takeOvers } from './judge.ts';
import type { SoakOptions, SoakResult } from './soak.ts';

const shown = (value: number): string => Math.round(value).toLocaleString('en-US');

/** What is printed at the end: lines of Markdown. */
export function report(options: SoakOptions, result: SoakResult): string {
  const { awayMs, judgement, done, ms, perSecond, processes } = result;
  const { because, repeated, seen, tenures, wrong } = judgement;
  const again = Object.values(because).reduce((sum, count) => sum + count, 0);
  const sorted = perSecond.toSorted((a, b) => b - a);
  return [
    '| | |',
    '| --- | --- |',
    `| records | ${shown(options.records)} produced, ${shown(seen)} seen |`,
    `| seen more than once | ${shown(repeated)} records, ${shown(again)} times |`,
    `| because their member was | killed ${shown(because.killed)}, frozen ${shown(because.frozen)}, ` +
      `evicted on its own ${shown(because.evicted)}, not answered ${shown(because.unanswered)} |`,
    `| done | killed ${done.kill}, stopped ${done.stop}, frozen ${done.freeze}, server killed ${done.server} |`,
    `| the server was away | ${spread(awayMs, 'times')} |`,
    `| processes, one after the other | ${processes} in ${options.members} places |`,
    `| from the first record to the last commit | ${(ms / 1_000).toFixed(1)} s |`,
    `| records handed out per second | mean ${shown((1_000 * (seen + again)) / ms)}, ` +
      `most in one second ${shown(sorted[0] ?? 0)} |`,
    `| from a clean stop to the next record of its partitions | ${spread(takeOvers(tenures, 'stopped'))} |`,
    `| from a death to the next record of its partitions | ${spread(takeOvers(tenures, 'killed'))} |`,
    `| wrong | ${wrong.length === 0 ? 'nothing' : wrong.length} |`,
    ...wrong.map((each) => `\n${each}`),
  ].join('\n');
}

/** Of times in ms. */
function spread(times: readonly number[], of = 'partitions'): string {
  if (times.length === 0) return 'none';
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string =>
    `${((sorted[Math.ceil(part * sorted.length) - 1] ?? 0) / 1_000).toFixed(1)} s`;
  return `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, longest ${at(1)} (${times.length} ${of})`;
}
