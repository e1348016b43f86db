import { Command } from 'commander';
import { limits } from '../std/limits.ts';
import { integer, list, namedValue, nonEmpty } from './arguments.ts';
import type { NamedValue } from './arguments.ts';
import { printJson, write } from './output.ts';
import { withClient, withTarget } from './target.ts';

interface Options {
  readonly partitions?: number;
  readonly config?: readonly NamedValue[];
  readonly deleteConfig?: readonly string[];
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace topic alter rivers --partitions 6
  $ tailrace topic alter rivers --config retention.ms=86400000
  $ tailrace topic alter rivers --delete-config retention.ms

Partitions can only be added. All configs are changed at once, or none is; the
partitions are added after that.`;

export function alterCommand(): Command {
  const command = new Command('alter')
    .description('add partitions to a topic, change its configs')
    .argument('<topic>', 'name of the topic')
    .option('-P, --partitions <number>', 'how many it shall have', integer(1, limits.partitionsMax))
    .option('--config <name=value>', 'set a config; may be given several times', list(namedValue))
    .option(
      '--delete-config <name>',
      'back to its default; may be given several times',
      list(nonEmpty),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((topic: string, options: Options) => {
      const { partitions } = options;
      const ops = [
        ...(options.config ?? []).map((each) => ({ ...each, op: 'SET' as const })),
        ...(options.deleteConfig ?? []).map((name) => ({
          name,
          op: 'DELETE' as const,
          value: null,
        })),
      ];
      if (partitions === undefined && ops.length === 0) {
        command.error('error: expected --partitions, --config or --delete-config, got none');
      }
      return withClient(command, async ({ client }) => {
        if (ops.length > 0) await client.admin.alterConfigs(topic, ops);
        if (partitions !== undefined) await client.admin.createPartitions(topic, partitions);
        await (options.json === true
          ? printJson({ topic, altered: true })
          : write(`altered ${topic}\n`));
      });
    });
  return withTarget(command);
}
