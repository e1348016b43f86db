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
  $ tailrace group delete gauges
  $ tailrace group delete gauges --if-exists

Its committed offsets are gone at once and for good; nobody is asked again. A
group that has members is not deleted.`;

export function deleteGroupCommand(): Command {
  const command = new Command('delete')
    .description('delete a consumer group and its offsets')
    .argument('<group>', 'name of the group')
    .option('--if-exists', 'do nothing if there is no such group')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((group: string, options: Options) =>
      withClient(command, async ({ client }) => {
        const deleted = await client.admin.deleteGroup(group).then(
          () => true,
          (error: unknown) => {
            if (options.ifExists === true && isMissing(error)) return false;
            throw error;
          },
        );
        if (options.json === true) return printJson({ group, deleted });
        await write(deleted ? `deleted ${group}\n` : `there is no ${group}\n`);
      }),
    );
  return withTarget(command);
}

const isMissing = (error: unknown): boolean =>
  error instanceof ProtocolError && error.kafka === 'GROUP_ID_NOT_FOUND';
