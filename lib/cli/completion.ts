import { Argument, Command } from 'commander';

const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const examples = `
Examples:
  $ source <(tailrace completion bash)    this bash; or in ~/.bashrc
  $ source <(tailrace completion zsh)     this zsh; or in ~/.zshrc
  $ tailrace completion fish > ~/.config/fish/completions/tailrace.fish

Commands, options, their values, the names of topics and groups are completed.`;

export function completionCommand(): Command {
  return new Command('completion')
    .description('print a script for the completion of a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText('after', examples)
    .action(async (shell: Shell) => {
      const { completionScripts } = await import('./completion-scripts.ts');
      const { write } = await import('./output.ts');
      await write(completionScripts[shell]);
    });
}

/** What the scripts ask: `tailrace __complete -- <words up to the one that is typed>`. */
export function completeCommand(program: Command): Command {
  return new Command('__complete')
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      const { complete } = await import('./complete.ts');
      const { write } = await import('./output.ts');
      await write(await complete(program, words));
      // A server that has not answered yet is not waited for.
      process.exit();
    });
}
