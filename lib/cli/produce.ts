import { Command, Option } from 'commander';
import { limits } from '../std/limits.ts';
import { integer, list, namedValue, nonEmpty, timeout } from './arguments.ts';
import type { NamedValue } from './arguments.ts';
import { withClient, withTarget } from './target.ts';

export interface ProduceOptions {
  readonly file?: string;
  readonly json?: true;
  readonly key?: string;
  readonly keySeparator?: string;
  readonly header?: readonly NamedValue[];
  readonly partition?: number;
  readonly null?: string;
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly skipLines: number;
  readonly timeout: number;
}

const examples = `
Examples:
  $ echo 'level=412' | tailrace produce rivers
  $ tailrace produce rivers --file levels.txt --compression zstd
  $ echo 'rhine:412' | tailrace produce rivers -K : -H unit=cm
  $ echo 'rhine:' | tailrace produce rivers -K : --null ''     a tombstone
  $ echo '{"key": "elbe", "value": {"level": 180}}' \\
      | tailrace produce rivers --json
  $ tailrace consume rivers --json -e | tailrace produce copy --json

Input: one record per line; the bytes are taken as they are. With --json a
line is an object: {"topic", "partition", "timestamp", "key", "value",
"headers"}, all optional. A string is sent as its text, null as null,
{"__base64": "…"} as those bytes, anything else as its JSON. Options go before
what the object says; its offset is passed over.

Every record is acknowledged before the command ends, and what is sent again
after a fault of the network is appended once. It ends at the first record
that fails, and at ^C: then it says up to which line all is acknowledged, and
the option to go on from there (--skip-lines).

Exit codes: 0 all acknowledged, 1 some failed, 3 of some nobody knows,
130 interrupted by ^C (143 by SIGTERM).`;

export function produceCommand(): Command {
  const command = new Command('produce')
    .description('append records to a topic, one per line of the input')
    .argument('[topic]', 'name of the topic; with --json the objects may say')
    .option('-l, --file <path>', 'read the records from there instead of stdin', nonEmpty)
    .option('-J, --json', 'lines are JSON objects (see below)')
    .option('-k, --key <text>', 'key of all records')
    .option('-K, --key-separator <text>', 'what precedes its first occurrence is the key', nonEmpty)
    .option(
      '-H, --header <name=value>',
      'header of all records; may be given several times',
      list(namedValue),
    )
    .option(
      '-p, --partition <number>',
      'partition of all records; else that of the key, or any',
      integer(0, limits.partitionsMax - 1),
    )
    .option('--null <text>', 'a key or a value that reads so is null (a tombstone)')
    .addOption(
      new Option('-z, --compression <codec>', 'of batches')
        .choices(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
        .default('none'),
    )
    .option(
      '--skip-lines <number>',
      'pass over so many lines at the beginning',
      integer(0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .addOption(
      new Option('--timeout <time>', 'how long a record is tried')
        .argParser(timeout)
        .default(120_000, '120s'),
    )
    .addHelpText('after', examples)
    .action(async (topic: string | undefined, options: ProduceOptions) => {
      check(command, topic, options);
      const { openInput } = await import('./open-input.ts');
      const input = await openInput(options.file);
      const { runProduce } = await import('./produce-run.ts');
      await withClient(command, ({ client }) => runProduce(client, input, topic, options));
    });
  return withTarget(command);
}

function check(command: Command, topic: string | undefined, options: ProduceOptions): void {
  if (options.json === true) {
    const alone = options.keySeparator === undefined ? '--null' : '--key-separator';
    if (options.keySeparator !== undefined || options.null !== undefined) {
      command.error(`error: expected lines of text with ${alone}, got --json`);
    }
  } else if (topic === undefined) {
    command.error('error: expected the name of a topic, got none (only --json can do without)');
  }
  if (options.key !== undefined && options.keySeparator !== undefined) {
    command.error('error: expected --key or --key-separator, got both');
  }
}
