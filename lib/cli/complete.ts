import type { Argument, Command, Option } from 'commander';
import { systemClock } from '../adapters/system/clock.ts';
import type { Admin } from '../client/types.ts';
import { withClient } from './target.ts';

interface Candidate {
  readonly word: string;
  readonly about: string;
}
type Candidates = 'files' | 'directories' | readonly Candidate[];

/** A server that does not answer is not worth a longer wait at a prompt. */
const namesWithinMs = 1_000;

/** What may stand in place of the last word, for the scripts of `tailrace completion`. */
export async function complete(program: Command, words: readonly string[]): Promise<string> {
  const place = placeOf(program, words.slice(0, -1));
  const typed = words.at(-1) ?? '';
  const found = await candidatesAt(place, typed);
  if (typeof found === 'string') return `${found}\n`;
  const fitting = found.filter(({ word }) => word.startsWith(typed));
  return ['words', ...fitting.map(({ word, about }) => `${word}\t${about}`), ''].join('\n');
}

interface Place {
  readonly command: Command;
  /** Whose value comes next. */
  readonly option?: Option;
  /** Which argument comes next. */
  readonly argument?: Argument;
  /** The options so far, as they were typed. */
  readonly typed: readonly string[];
}

function placeOf(program: Command, words: readonly string[]): Place {
  let command = program;
  let option: Option | undefined;
  let argument = 0;
  const typed: string[] = [];
  // bash takes --option=value apart.
  for (const word of words.filter((each) => each !== '=')) {
    const known = command.options.find(({ long, short }) => word === long || word === short);
    const below = command.commands.find((each) => each.name() === word);
    if (option !== undefined || word.startsWith('-')) typed.push(word);
    if (option !== undefined) option = undefined;
    else if (known !== undefined) option = takesValue(known) ? known : undefined;
    else if (below !== undefined) command = below;
    else if (!word.startsWith('-')) argument += 1;
  }
  const next = command.registeredArguments[argument];
  return {
    command,
    typed,
    ...(option === undefined ? {} : { option }),
    ...(next === undefined ? {} : { argument: next }),
  };
}

const takesValue = (option: Option): boolean => option.required || option.optional;

async function candidatesAt(place: Place, typed: string): Promise<Candidates> {
  const { command, option, argument } = place;
  if (option !== undefined) return valuesOf(place, option);
  if (typed.startsWith('-')) return optionsOf(command);
  const commands = command.createHelp().visibleCommands(command);
  if (commands.length > 0) {
    return commands.map((each) => ({ word: each.name(), about: each.description() }));
  }
  if (argument === undefined) return optionsOf(command);
  if (argument.argChoices !== undefined) return plain(argument.argChoices);
  return namesOf(place, argument.name());
}

const plain = (words: readonly string[]): Candidate[] => words.map((word) => ({ word, about: '' }));

async function valuesOf(place: Place, option: Option): Promise<Candidates> {
  if (option.argChoices !== undefined) return plain(option.argChoices);
  if (option.flags.includes('<path>')) return 'files';
  if (option.flags.includes('<directory>')) return 'directories';
  if (option.flags.includes('<position>')) return plain(['beginning', 'end']);
  return namesOf(place, /<(\w+)>/.exec(option.flags)?.[1] ?? '');
}

function optionsOf(command: Command): Candidate[] {
  const options = command.createHelp().visibleOptions(command);
  return options.map(({ long, short, description }) => ({
    word: long ?? short ?? '',
    about: description,
  }));
}

/** What the log has of each. */
const askers: Readonly<Record<string, (admin: Admin) => Promise<readonly Candidate[]>>> = {
  topic: async (admin) =>
    (await admin.listTopics()).map(({ name, partitions }) => ({
      word: name,
      about: `${partitions}`,
    })),
  group: async (admin) =>
    (await admin.listGroups()).map(({ group, status }) => ({ word: group, about: status })),
};

/** Those of the log that the options so far name; none if it does not answer. */
async function namesOf({ command, option, typed }: Place, kind: string): Promise<Candidates> {
  const ask = askers[kind];
  if (ask === undefined) return [];
  // Parsing for real would do so.
  const server = process.env['TAILRACE_SERVER'];
  if (server !== undefined) command.setOptionValueWithSource('server', server, 'env');
  // An option whose value is to come would be wrong usage.
  command.parseOptions(option === undefined ? [...typed] : typed.slice(0, -1));
  const clock = systemClock();
  const answered = new AbortController();
  const listed = withClient(command, ({ client }) => ask(client.admin)).catch(() => []);
  const late = clock.sleep(namesWithinMs, answered.signal).then(() => []);
  const found = await Promise.race([listed, late]);
  answered.abort();
  return found;
}
