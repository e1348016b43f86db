import { groupBounds } from './bounds.ts';
import { parsePattern } from './pattern-parse.ts';
import type { Node } from './pattern-parse.ts';

/** A pattern that topic names are tried on, or why it is none (INVALID_REGULAR_EXPRESSION). */
export type Pattern =
  | { readonly kind: 'pattern'; readonly matches: (name: string) => boolean }
  | { readonly kind: 'malformed'; readonly message: string };

type Instruction =
  | { readonly kind: 'one'; readonly test: (code: number) => boolean; readonly next: number }
  | { readonly kind: 'any-of'; next: readonly number[] }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'match' };

/** Keeps the time of a match, which is their number times the length of a name, small. */
const instructionsMax = 10_000;

/**
 * Compiles a pattern as RE2 takes it: no back references and no look-around, so that every match
 * takes time in proportion to the name's length. Not taken: flags, named groups, classes by name.
 * It must match the whole name.
 */
export function compilePattern(text: string): Pattern {
  if (text.length > groupBounds.patternLengthMax) {
    const max = groupBounds.patternLengthMax;
    return malformed(`expected at most ${max} characters, got more length=${text.length}`);
  }
  const parsed = parsePattern(text);
  if (parsed.kind === 'malformed') return parsed;
  const program: Instruction[] = [{ kind: 'match' }];
  const start = emit(program, parsed.node, 0);
  if (start === undefined) return malformed('expected fewer repetitions, got too many');
  return { kind: 'pattern', matches: (name) => run(program, start, name) };
}

const malformed = (message: string): Pattern => ({ kind: 'malformed', message });

function push(program: Instruction[], instruction: Instruction): number | undefined {
  return program.length < instructionsMax ? program.push(instruction) - 1 : undefined;
}

/** Adds what matches a node and goes on at `next`; where it begins. Undefined: too large. */
function emit(program: Instruction[], node: Node, next: number): number | undefined {
  switch (node.kind) {
    case 'one':
      return push(program, { kind: 'one', test: node.test, next });
    case 'start':
    case 'end':
      return push(program, { kind: node.kind, next });
    case 'all': {
      let at: number | undefined = next;
      for (const part of node.parts.toReversed()) {
        at = at === undefined ? undefined : emit(program, part, at);
      }
      return at;
    }
    case 'any': {
      const starts = node.parts.map((part) => emit(program, part, next));
      return push(program, { kind: 'any-of', next: starts.filter((one) => one !== undefined) });
    }
    case 'repeat':
      return emitRepeat(program, node, next);
  }
}

function emitRepeat(
  program: Instruction[],
  { node, min, max }: Extract<Node, { kind: 'repeat' }>,
  next: number,
): number | undefined {
  let at: number | undefined = next;
  if (max === Infinity) {
    const loop: Instruction = { kind: 'any-of', next: [next] };
    at = push(program, loop);
    const body = at === undefined ? undefined : emit(program, node, at);
    if (body === undefined) return undefined;
    loop.next = [body, next];
  } else {
    for (let i = min; i < max && at !== undefined; i += 1) {
      const body: number | undefined = emit(program, node, at);
      if (body === undefined) return undefined;
      at = push(program, { kind: 'any-of', next: [body, next] });
    }
  }
  for (let i = 0; i < min && at !== undefined; i += 1) at = emit(program, node, at);
  return at;
}

function run(program: readonly Instruction[], start: number, name: string): boolean {
  let states = reach(program, [start], 0, name.length);
  for (let at = 0; at < name.length && states.size > 0; at += 1) {
    const code = name.charCodeAt(at);
    const after: number[] = [];
    for (const index of states) {
      const instruction = program[index];
      if (instruction?.kind === 'one' && instruction.test(code)) after.push(instruction.next);
    }
    states = reach(program, after, at + 1, name.length);
  }
  return states.has(0);
}

/** All instructions that are reached without taking a character. */
function reach(
  program: readonly Instruction[],
  from: readonly number[],
  at: number,
  length: number,
): ReadonlySet<number> {
  const seen = new Set<number>();
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    const instruction = program[index];
    if (instruction?.kind === 'any-of') open.push(...instruction.next);
    if (instruction?.kind === 'start' && at === 0) open.push(instruction.next);
    if (instruction?.kind === 'end' && at === length) open.push(instruction.next);
  }
  return seen;
}
