import { Command } from 'commander';
import { ProtocolError } from '../protocol/errors.ts';
import { printJson, write } from './output.ts';
import { withClient, withTarget } from './target.ts';

interface Options {
  readonly ifExists?: true;
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace topic delete rivers
  $ tailrace topic delete rivers --if-exists

Its records are gone at once and for good; nobody is asked again.`;

export function deleteCommand(): Command {
  const command = new Command('delete')
    .description('delete a topic and all its records')
    .argument('<topic>', 'name of the topic')
    .option('--if-exists', 'do nothing if there is no such topic')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((topic: string, options: Options) =>
      withClient(command, async ({ client }) => {
        const deleted = await client.admin.deleteTopic(topic).then(
          () => true,
          (error: unknown) => {
            if (options.ifExists === true && isMissing(error)) return false;
            throw error;
          },
        );
        if (options.json === true) return printJson({ topic, deleted });
        await write(deleted ? `deleted ${topic}\n` : `there is no ${topic}\n`);
      }),
    );
  return withTarget(command);
}

const isMissing = (error: unknown): boolean =>
  error instanceof ProtocolError && error.kafka === 'UNKNOWN_TOPIC_OR_PARTITION';
