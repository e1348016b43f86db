import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Client } from '../client/types.ts';
import { nonEmpty } from './arguments.ts';

/** Which log a command speaks to, as `createClient` takes it. */
export type Target =
  | { readonly url: string }
  | { readonly dir: string }
  | { readonly table: string; readonly bucket: string }
  | { readonly stack: string };

interface TargetOptions {
  readonly server: string;
  readonly data?: string;
  readonly table?: string;
  readonly bucket?: string;
  readonly stack?: string;
}

const heading = 'Which log (one of):';
const option = (flags: string, description: string): Option =>
  new Option(flags, description).helpGroup(heading).argParser(nonEmpty);

/** The options that every command has which speaks to a log. */
export function withTarget(command: Command): Command {
  return command
    .addOption(
      option('--server <url>', 'a server, or an API of a stack')
        .env('TAILRACE_SERVER')
        .default('http://127.0.0.1:8082'),
    )
    .addOption(option('--data <directory>', 'a directory that no server holds'))
    .addOption(option('--table <name>', 'DynamoDB table, with --bucket: the stores of a stack'))
    .addOption(option('--bucket <name>', 'S3 bucket, with --table'))
    .addOption(option('--stack <name>', 'a CloudFormation stack, by its outputs'));
}

/** What the command line says; it goes before the environment. Wrong usage if it says two things. */
function targetOf(command: Command): Target {
  const { server, data, table, bucket, stack } = command.opts<TargetOptions>();
  const stores = table === undefined && bucket === undefined ? undefined : '--table and --bucket';
  const named = [
    command.getOptionValueSource('server') === 'cli' ? '--server' : undefined,
    data === undefined ? undefined : '--data',
    stores,
    stack === undefined ? undefined : '--stack',
  ].filter((each) => each !== undefined);
  if (named.length > 1) command.error(`error: expected one log, got ${named.join(', ')}`);
  if (data !== undefined) return { dir: data };
  if (stack !== undefined) return { stack };
  if (stores === undefined) return { url: urlOf(command, server) };
  if (table !== undefined && bucket !== undefined) return { table, bucket };
  return command.error('error: expected --table and --bucket together, got one of them');
}

function urlOf(command: Command, text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return text;
  const fix = /^[\w.-]+:\d+$/.test(text) ? `; did you mean http://${text}?` : '';
  return command.error(`error: expected an http or https URL as server, got '${text}'${fix}`);
}

export function targetText(target: Target): string {
  if ('url' in target) return target.url;
  if ('dir' in target) return target.dir;
  return 'stack' in target ? `stack ${target.stack}` : `${target.table} and ${target.bucket}`;
}

export interface Connection {
  readonly client: Client;
  readonly target: Target;
}

/**
 * Runs with a client of the log that the options name, and closes it. A directory is made only
 * by what `creates`: anything else would find an empty log where a name was mistyped.
 */
export async function withClient<T>(
  command: Command,
  work: (connection: Connection) => Promise<T>,
  creates = false,
): Promise<T> {
  const target = targetOf(command);
  if ('dir' in target && !creates && !existsSync(join(target.dir, 'table.db'))) {
    return command.error(
      `error: expected a directory with a log, but there is none in '${target.dir}'; 'tailrace topic create' begins one`,
    );
  }
  const { createClient } = await import('../client/create-client.ts');
  const client = await createClient(target);
  try {
    return await work({ client, target });
  } finally {
    await client.close();
  }
}
