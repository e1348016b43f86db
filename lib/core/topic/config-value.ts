import type { IntegerConfig, ListConfig, TopicConfig } from './topic-configs.ts';
import { unreachable } from '../../std/assert.ts';

/** A value that its config allows, in the one spelling that is stored, or why it is not. */
type ConfigValue =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly expected: string };

/**
 * The longest value taken, in UTF-16 units: keeps a topic's item far below the table's limit.
 * Kafka's own limit is that of a string on the wire, 32767 bytes.
 */
const valueLengthMax = 4_096;

const integerBounds = {
  int: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  long: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
} as const;

const allowed = (value: string): ConfigValue => ({ ok: true, value });
const refused = (expected: string): ConfigValue => ({ ok: false, expected });

/**
 * Reads a value as Kafka 4.1 does (ConfigDef's parsing and validators), and spells it as Kafka
 * describes it: trimmed, integers in decimal, booleans in lower case, lists joined by a comma.
 * Deviations: a double is decimal and finite (Java also takes NaN, hexadecimal and the suffixes f
 * and d) and keeps its spelling; no value is longer than 4096 characters.
 */
export function parseConfigValue(config: TopicConfig, text: string): ConfigValue {
  if (text.length > valueLengthMax) return refused(`at most ${valueLengthMax} characters`);
  const trimmed = text.trim();
  switch (config.type) {
    case 'int':
    case 'long':
      return parseInteger(config, trimmed);
    case 'double': {
      const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : NaN;
      const fits = number >= config.min && number <= config.max;
      return fits ? allowed(trimmed) : refused(`a number from ${config.min} to ${config.max}`);
    }
    case 'boolean': {
      const lower = trimmed.toLowerCase();
      return lower === 'true' || lower === 'false' ? allowed(lower) : refused('true or false');
    }
    case 'string':
      return config.values.includes(trimmed)
        ? allowed(trimmed)
        : refused(`one of ${config.values.join(', ')}`);
    case 'list':
      return parseList(config, trimmed);
    default:
      return unreachable(config);
  }
}

/** The elements of a list's value. The empty text is the empty list, as in Kafka. */
export function listElements(text: string): string[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : trimmed.split(',').map((element) => element.trim());
}

function parseInteger(config: IntegerConfig, trimmed: string): ConfigValue {
  const bounds = integerBounds[config.type];
  const min = config.min ?? bounds.min;
  const max = config.max ?? bounds.max;
  if (/^[+-]?\d+$/.test(trimmed)) {
    const digits = BigInt(trimmed.replace(/^[+-]/, ''));
    const integer = trimmed.startsWith('-') ? -digits : digits;
    if ((integer >= min && integer <= max) || integer === config.or) {
      return allowed(String(integer));
    }
  }
  const or = config.or === undefined ? '' : `, or ${config.or}`;
  return refused(`an integer from ${min} to ${max}${or}`);
}

function parseList(config: ListConfig, trimmed: string): ConfigValue {
  const elements = listElements(trimmed);
  const joined = elements.join(',');
  const { values } = config;
  if (values === 'throttled-replicas') {
    const all = elements.every((element) => /^(\d+:\d+)?$/.test(element));
    return all || joined === '*'
      ? allowed(joined)
      : refused('* or a list of partition:replica pairs of numbers');
  }
  return elements.every((element) => values.includes(element))
    ? allowed(joined)
    : refused(`a list of none, some or all of ${values.join(', ')}`);
}
