import type { Argument, Command, Option } from 'commander';
import { systemClock } from '../adapters/system/clock.ts';
import { withClient } from './target.ts';

interface Candidate {
  readonly word: string;
  readonly about: string;
}
type Candidates = 'files' | 'directories' | readonly Candidate[];

/** A server that does not answer is not worth a longer wait at a prompt. */
const topicsWithinMs = 1_000;

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
  if (option !== undefined) return valuesOf(option);
  if (typed.startsWith('-')) return optionsOf(command);
  const commands = command.createHelp().visibleCommands(command);
  if (commands.length > 0) {
    return commands.map((each) => ({ word: each.name(), about: each.description() }));
  }
  if (argument === undefined) return optionsOf(command);
  if (argument.argChoices !== undefined) return plain(argument.argChoices);
  return argument.name() === 'topic' ? topicsOf(place) : [];
}

const plain = (words: readonly string[]): Candidate[] => words.map((word) => ({ word, about: '' }));

function valuesOf(option: Option): Candidates {
  if (option.argChoices !== undefined) return plain(option.argChoices);
  if (option.flags.includes('<path>')) return 'files';
  if (option.flags.includes('<directory>')) return 'directories';
  if (option.flags.includes('<position>')) return plain(['beginning', 'end']);
  return [];
}

function optionsOf(command: Command): Candidate[] {
  const options = command.createHelp().visibleOptions(command);
  return options.map(({ long, short, description }) => ({
    word: long ?? short ?? '',
    about: description,
  }));
}

/** The topics of the log that the options so far name; none if it does not answer. */
async function topicsOf({ command, typed }: Place): Promise<Candidates> {
  // Parsing for real would do so.
  const server = process.env['TAILRACE_SERVER'];
  if (server !== undefined) command.setOptionValueWithSource('server', server, 'env');
  command.parseOptions([...typed]);
  const clock = systemClock();
  const answered = new AbortController();
  const listed = withClient(command, async ({ client }) => client.admin.listTopics()).then(
    (topics) => topics.map(({ name, partitions }) => ({ word: name, about: `${partitions}` })),
    () => [],
  );
  const late = clock.sleep(topicsWithinMs, answered.signal).then(() => []);
  const found = await Promise.race([listed, late]);
  answered.abort();
  return found;
}
