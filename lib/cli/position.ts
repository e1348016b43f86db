import { InvalidArgumentError } from 'commander';
import { parseIsoTime } from '../http/iso-time.ts';
import type { Clock } from '../ports/environment.ts';
import type { Position } from '../client/types.ts';
import { durationMs } from './arguments.ts';

/** What `-1h` counts from. */
type Now = Pick<Clock, 'now'>;

/** 2⁶³ − 1: Kafka's offsets and timestamps are int64. */
const int64Max = 2n ** 63n - 1n;

function int64(digits: string): bigint | undefined {
  const value = BigInt(digits);
  return value <= int64Max ? value : undefined;
}

/** A moment as it is typed: `2026-11-20T10:00:00Z`, `2026-11-20` (UTC), `-1h`, or `s@` and ms since 1970. */
function parseTime(text: string, clock: Now): bigint | undefined {
  const ago = text.startsWith('-') ? durationMs(text.slice(1)) : undefined;
  if (ago !== undefined) return BigInt(Math.max(0, clock.now() - ago));
  const ms = /^s@(\d+)$/.exec(text)?.[1];
  if (ms !== undefined) return int64(ms);
  const iso = parseIsoTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  return iso === undefined || iso < 0n ? undefined : iso;
}

const names: Readonly<Record<string, 'beginning' | 'end'>> = {
  beginning: 'beginning',
  earliest: 'beginning',
  end: 'end',
  latest: 'end',
};

/** Where to read from, as kcat's -o has it, and as a time. */
export function position(clock: Now): (text: string) => Position {
  return (text) => {
    const named = names[text];
    if (named !== undefined) return named;
    const [, minus, digits = ''] = /^(-?)(\d{1,19})$/.exec(text) ?? [];
    if (minus === '-') return { last: Number(digits) };
    const offset = digits === '' ? undefined : int64(digits);
    if (offset !== undefined) return { offset };
    const timestamp = parseTime(text, clock);
    if (timestamp !== undefined) return { timestamp };
    throw new InvalidArgumentError(
      'expected beginning, end, an offset, -5 (the last 5), -1h, or 2026-11-20T10:00:00Z.',
    );
  };
}

/** A moment, for `reset-offsets --to-timestamp`. */
export function moment(clock: Now): (text: string) => bigint {
  return (text) => {
    const timestamp = parseTime(text, clock);
    if (timestamp !== undefined) return timestamp;
    throw new InvalidArgumentError('expected a time such as -1h, or 2026-11-20T10:00:00Z.');
  };
}

export type At = 'beginning' | 'end' | 'max-timestamp' | bigint;

/** What `offsets --at` looks up. */
export function lookUp(clock: Now): (text: string) => At {
  return (text) => {
    const at = text === 'max-timestamp' ? text : (names[text] ?? parseTime(text, clock));
    if (at !== undefined) return at;
    throw new InvalidArgumentError(
      'expected beginning, end, max-timestamp, -1h, or 2026-11-20T10:00:00Z.',
    );
  };
}
