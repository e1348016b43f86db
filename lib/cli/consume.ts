import { Command, Option } from 'commander';
import { systemClock } from '../adapters/system/clock.ts';
import type { Position } from '../client/types.ts';
import { limits } from '../std/limits.ts';
import { integer, list, nonEmpty } from './arguments.ts';
import { position } from './position.ts';
import { compileFormat } from './record-format.ts';
import { withClient, withTarget } from './target.ts';

export interface ConsumeOptions {
  readonly from?: Position;
  readonly last?: number;
  readonly partition?: readonly number[];
  readonly count?: number;
  readonly untilEnd?: true;
  readonly format?: string;
  readonly keySeparator?: string;
  readonly null?: string;
  readonly json?: true;
  readonly group?: string;
  readonly pattern?: string;
  readonly instanceId?: string;
}

const examples = `
Examples:
  $ tailrace consume rivers                        all, and what comes next
  $ tailrace consume rivers --from end             only what comes next
  $ tailrace consume rivers --last 10 --until-end  the last 10 of each partition
  $ tailrace consume rivers --from -1h --json | jq .value
  $ tailrace consume rivers -p 2 -o 1000 -c 1
  $ tailrace consume rivers -f '%t [%p] at offset %o: key %k: %s\\n'
  $ tailrace consume rivers --group gauges         shared with others

Positions: beginning, end, an offset, -5 (the last 5), a time (-1h,
2026-11-20T10:00:00Z, 2026-11-20, or s@ and ms since 1970). They hold for each
partition. It goes on for ever, unless --until-end or --count ends it.

Groups: the members of a group share the partitions, and go on where the group
was. What was written is committed every five seconds, and at the end; --from
(beginning, or end) counts where nothing is committed. ^C leaves the group.

Formats: %s value, %k key, %h headers (a=1,b=2), %t topic, %p partition,
%o offset, %T timestamp in ms, %S and %K bytes of value and key (-1 if null),
%% a percent sign; \\n \\r \\t \\0 \\\\ and \\xNN. By default '%s\\n'. Bytes go out
as they are.

JSON: one object per line, with topic, partition, offset, timestamp (ms), key,
value, headers. Bytes that are no UTF-8 come as {"__base64": "…"}; an offset
beyond 9007199254740991 comes as a string.

Exit codes: 0 also after ^C, and when the reader of a pipe has gone.`;

export function consumeCommand(): Command {
  const command = new Command('consume')
    .description('read records of a topic')
    .argument('[topic]', 'name of the topic')
    .option(
      '-o, --from <position>',
      'where to begin: beginning (default), end, an offset, -5, -1h, …',
      position(systemClock()),
    )
    .addOption(
      new Option('--last <number>', 'begin so many records before the end of each partition')
        .argParser(integer(0, Number.MAX_SAFE_INTEGER))
        .conflicts('from'),
    )
    .option(
      '-p, --partition <number>',
      'only this one; may be given several times',
      list(integer(0, limits.partitionsMax - 1)),
    )
    .option('-c, --count <number>', 'end after so many', integer(0, Number.MAX_SAFE_INTEGER))
    .option('-e, --until-end', 'end where the partitions end when it begins')
    .addOption(
      new Option('--follow', 'go on with what comes next: the default').conflicts('untilEnd'),
    )
    .addOption(
      new Option('-G, --group <group>', 'as a member of this consumer group')
        .argParser(nonEmpty)
        .conflicts(['partition', 'last', 'untilEnd']),
    )
    .addOption(
      new Option('--pattern <regex>', 'with --group: topics whose whole name it matches').argParser(
        nonEmpty,
      ),
    )
    .addOption(
      new Option(
        '--instance-id <name>',
        'with --group: a static member, which keeps its partitions',
      ).argParser(nonEmpty),
    )
    .addOption(new Option('-f, --format <text>', 'what to write of a record').argParser(checked))
    .addOption(
      new Option('-K, --key-separator <text>', 'write the key and this before each value')
        .argParser(nonEmpty)
        .conflicts('format'),
    )
    .option('--null <text>', 'what to write for null; nothing by default')
    .addOption(
      new Option('-J, --json', 'write JSON, one object per line').conflicts([
        'format',
        'keySeparator',
        'null',
      ]),
    )
    .addHelpText('after', examples)
    .action(async (topic: string | undefined, options: ConsumeOptions) => {
      check(command, topic, options);
      const { runConsume } = await import('./consume-run.ts');
      await withClient(command, ({ client }) => runConsume(client, topic, options));
    });
  return withTarget(command);
}

/** What goes with what. */
function check(command: Command, topic: string | undefined, options: ConsumeOptions): void {
  const { group, pattern, instanceId, from } = options;
  if (group === undefined && (pattern ?? instanceId) !== undefined) {
    command.error('error: expected --group with --pattern and --instance-id');
  }
  if (topic === undefined && pattern === undefined) {
    command.error("error: missing required argument 'topic'");
  }
  if (topic !== undefined && pattern !== undefined) {
    command.error(`error: expected a topic or --pattern, got both`);
  }
  if (group !== undefined && typeof from === 'object') {
    command.error('error: expected beginning or end for --from with --group');
  }
}

/** A wrong format is wrong usage. */
function checked(text: string): string {
  compileFormat(text);
  return text;
}
