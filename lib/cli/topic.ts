import { Command } from 'commander';
import { alterCommand } from './topic-alter.ts';
import { createCommand } from './topic-create.ts';
import { deleteCommand } from './topic-delete.ts';
import { describeCommand } from './topic-describe.ts';
import { listCommand } from './topic-list.ts';

const examples = `
Examples:
  $ tailrace topic create rivers --partitions 3
  $ tailrace topic list
  $ tailrace topic describe rivers
  $ tailrace topic alter rivers --config retention.ms=86400000
  $ tailrace topic delete rivers

'tailrace topic create --help' says more, and so do the others.`;

export function topicCommand(): Command {
  return new Command('topic')
    .description('create, list, describe, alter and delete topics')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(describeCommand())
    .addCommand(alterCommand())
    .addCommand(deleteCommand())
    .addHelpText('after', examples);
}
