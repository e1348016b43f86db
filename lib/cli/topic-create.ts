import { Command } from 'commander';
import { ProtocolError } from '../protocol/errors.ts';
import { limits } from '../std/limits.ts';
import { integer, list, namedValue } from './arguments.ts';
import type { NamedValue } from './arguments.ts';
import { printJson, write } from './output.ts';
import { withClient, withTarget } from './target.ts';

interface Options {
  readonly partitions: number;
  readonly config?: readonly NamedValue[];
  readonly ifNotExists?: true;
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace topic create rivers
  $ tailrace topic create rivers --partitions 3 --if-not-exists
  $ tailrace topic create rivers --config retention.ms=86400000 \\
      --config cleanup.policy=compact,delete`;

export function createCommand(): Command {
  const command = new Command('create')
    .description('create a topic')
    .argument('<name>', "its name: letters, digits, '.', '_' and '-'")
    .option('-P, --partitions <number>', 'how many', integer(1, limits.partitionsMax), 1)
    .option(
      '--config <name=value>',
      "a config, by Kafka's name; may be given several times",
      list(namedValue),
    )
    .option('--if-not-exists', 'do nothing if there is a topic of that name')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((topic: string, options: Options) =>
      withClient(
        command,
        async ({ client }) => {
          const configs = (options.config ?? []).map(({ name, value }) => [name, value] as const);
          const { partitions } = options;
          const creation = client.admin.createTopic({
            name: topic,
            partitions,
            configs: Object.fromEntries(configs),
          });
          const created = await creation.then(
            () => true,
            (error: unknown) => {
              if (options.ifNotExists === true && isThere(error)) return false;
              throw error;
            },
          );
          if (options.json === true) return printJson({ topic, created });
          const count = partitions === 1 ? '1 partition' : `${partitions} partitions`;
          await write(created ? `created ${topic} with ${count}\n` : `${topic} is there\n`);
        },
        true,
      ),
    );
  return withTarget(command);
}

const isThere = (error: unknown): boolean =>
  error instanceof ProtocolError && error.kafka === 'TOPIC_ALREADY_EXISTS';
