import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../adapters/system/clock.ts';
import type { OffsetReset } from '../client/index.ts';
import type { ResetOffsets, ResetTo } from '../client/group-types.ts';
import { limits } from '../std/limits.ts';
import { list } from './arguments.ts';
import { CommandFailed, exitCodes } from './errors.ts';
import { printJson, printTable } from './output.ts';
import { moment } from './position.ts';
import { withClient, withTarget } from './target.ts';

type Of = NonNullable<ResetOffsets['of']>[number];

interface Options {
  readonly topic?: readonly Of[];
  readonly allTopics?: true;
  readonly toEarliest?: true;
  readonly toLatest?: true;
  readonly toTimestamp?: bigint;
  readonly toOffset?: bigint;
  readonly shiftBy?: bigint;
  readonly execute?: true;
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace group reset-offsets gauges --topic rivers --to-earliest
  $ tailrace group reset-offsets gauges --topic rivers --to-earliest --execute
  $ tailrace group reset-offsets gauges --topic rivers:0,2 --to-offset 1000
  $ tailrace group reset-offsets gauges --all-topics --shift-by -10 --execute
  $ tailrace group reset-offsets gauges --topic rivers --to-timestamp -1h

Without --execute it shows what would be done, and changes nothing. Offsets
stay within the log. The group must have no members: stop its consumers first.
--all-topics takes all partitions of which the group has offsets.`;

export function resetCommand(): Command {
  const command = new Command('reset-offsets')
    .description('set where a consumer group goes on')
    .argument('<group>', 'name of the group')
    .addOption(
      new Option('--topic <topic>', 'all of its partitions, or rivers:0,2; may be given again')
        .argParser(list(topicOf))
        .conflicts('allTopics'),
    )
    .option('--all-topics', 'all that the group has offsets of')
    .option('--to-earliest', 'to where the partitions begin')
    .option('--to-latest', 'to where they end')
    .option(
      '--to-timestamp <time>',
      'to the first record at or after: -1h, 2026-11-20T10:00:00Z',
      moment(systemClock()),
    )
    .option('--to-offset <number>', 'to this offset', offset)
    .option('--shift-by <number>', 'on from what is committed, or back: -10', shift)
    .addOption(new Option('--dry-run', 'show what would be done: the default').conflicts('execute'))
    .option('--execute', 'do it')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((group: string, options: Options) => {
      const to = targetOf(command, options);
      if (options.topic === undefined && options.allTopics === undefined) {
        command.error('error: expected --topic or --all-topics');
      }
      return withClient(command, async ({ client }) => {
        const { topic: of, execute } = options;
        const dryRun = execute !== true;
        const what = of === undefined ? { group } : { group, of };
        const resets = await client.admin.resetOffsets({ ...what, to, dryRun });
        await print(resets, options.json === true);
        if (dryRun) process.stderr.write('nothing was changed; --execute does it\n');
        tellFailures(resets);
      });
    });
  return withTarget(command);
}

function targetOf(command: Command, options: Options): ResetTo {
  const { toEarliest, toLatest, toTimestamp, toOffset, shiftBy } = options;
  const targets: ResetTo[] = [
    ...(toEarliest === undefined ? [] : ['beginning' as const]),
    ...(toLatest === undefined ? [] : ['end' as const]),
    ...(toTimestamp === undefined ? [] : [{ timestamp: toTimestamp }]),
    ...(toOffset === undefined ? [] : [{ offset: toOffset }]),
    ...(shiftBy === undefined ? [] : [{ shift: shiftBy }]),
  ];
  const [to] = targets;
  if (to !== undefined && targets.length === 1) return to;
  const all = '--to-earliest, --to-latest, --to-timestamp, --to-offset, --shift-by';
  return command.error(`error: expected one of ${all}, got ${targets.length}`);
}

async function print(resets: readonly OffsetReset[], asJson: boolean): Promise<void> {
  if (asJson) return printJson(resets);
  const right = { align: 'right' } as const;
  const failed = resets.some(({ error }) => error !== undefined);
  await printTable(
    [
      { title: 'TOPIC' },
      ...['PARTITION', 'BEFORE', 'AFTER'].map((title) => ({ title, ...right })),
      ...(failed ? [{ title: 'ERROR' }] : []),
    ],
    resets.map(({ topic, partition, before, after, error }) => [
      topic,
      String(partition),
      before === undefined ? '-' : String(before),
      after === undefined ? '-' : String(after),
      error ?? '',
    ]),
  );
}

function tellFailures(resets: readonly OffsetReset[]): void {
  const failed = resets.filter(({ error }) => error !== undefined);
  const [first] = failed;
  if (first === undefined) return;
  const isUnknown = failed.some(({ error }) => error === 'REQUEST_TIMED_OUT');
  throw new CommandFailed(
    `${failed.length} of ${resets.length} partitions: ${first.error}: ${first.message ?? ''}`,
    isUnknown ? exitCodes.unknown : exitCodes.failed,
  );
}

/** `rivers`, or `rivers:0,2`; no topic has a colon in its name. */
function topicOf(text: string): Of {
  const [, topic = '', numbers] = /^([^:]+)(?::(\d{1,9}(?:,\d{1,9})*))?$/.exec(text) ?? [];
  if (topic === '') throw new InvalidArgumentError('expected a topic, or rivers:0,2.');
  if (numbers === undefined) return { topic };
  const partitions = [...new Set(numbers.split(',').map(Number))];
  const max = limits.partitionsMax - 1;
  if (partitions.every((one) => one <= max)) return { topic, partitions };
  throw new InvalidArgumentError(`expected partitions of 0 … ${max}.`);
}

function offset(text: string): bigint {
  const value = /^\d{1,19}$/.test(text) ? BigInt(text) : -1n;
  if (value >= 0n && value < 2n ** 63n) return value;
  throw new InvalidArgumentError('expected an offset of 0 … 2^63−1.');
}

function shift(text: string): bigint {
  if (/^[+-]?\d{1,18}$/.test(text)) return BigInt(text.replace('+', ''));
  throw new InvalidArgumentError('expected a number, such as -10.');
}
