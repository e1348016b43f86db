import { Command } from 'commander';
import { completeCommand, completionCommand } from './completion.ts';
import { consumeCommand } from './consume.ts';
import { groupCommand } from './group.ts';
import { healthCommand } from './health.ts';
import { offsetsCommand } from './offsets.ts';
import { produceCommand } from './produce.ts';
import { serveCommand } from './serve.ts';
import { bold } from './style.ts';
import { topicCommand } from './topic.ts';

const examples = `
Examples:
  $ tailrace serve                      a log on http://127.0.0.1:8082
  $ tailrace topic create rivers --partitions 3
  $ echo 'rhine:412' | tailrace produce rivers --key-separator :
  $ tailrace consume rivers --until-end

Every command has examples: 'tailrace consume --help'.

Environment:
  TAILRACE_SERVER    the server that is spoken to without --server
  NO_COLOR           no colours on terminals
  AWS_REGION and the like, for --table, --bucket and --stack

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the outcome is unknown (a write
may or may not have happened), 130 interrupted.`;

/** All commands. They import what they run with when they run: help and completion are quick. */
export function createProgram(description: string, version: string): Command {
  const program = new Command('tailrace');
  program
    .description(description)
    .version(version)
    .addCommand(serveCommand())
    .addCommand(topicCommand())
    .addCommand(produceCommand())
    .addCommand(consumeCommand())
    .addCommand(offsetsCommand())
    .addCommand(groupCommand())
    .addCommand(healthCommand())
    .addCommand(completionCommand())
    .addCommand(completeCommand(program), { hidden: true })
    .addHelpText('after', examples);
  teach(program, 'tailrace');
  return program;
}

/** The manners that all commands share; an added command inherits none. */
function teach(command: Command, path: string): void {
  command
    .exitOverride()
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ styleTitle: (title) => bold(title, process.stdout) })
    .showHelpAfterError(`usage: ${path} ${command.usage()}\nsee '${path} --help'`);
  for (const each of command.commands) teach(each, `${path} ${each.name()}`);
}
