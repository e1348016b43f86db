/** What a pattern says. */
export type Node =
  | { readonly kind: 'one'; readonly test: (code: number) => boolean }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number };

export type Parsed =
  | { readonly kind: 'parsed'; readonly node: Node }
  | { readonly kind: 'malformed'; readonly message: string };

class Malformed extends Error {}

/** RE2's bound of a counted repetition. */
const repeatMax = 1_000;
/** Groups within groups. */
const depthMax = 100;

export function parsePattern(text: string): Parsed {
  try {
    return { kind: 'parsed', node: new Parser(text).all() };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', message: error.message };
    throw error;
  }
}

type Test = (code: number) => boolean;

const within = (code: number, from: string, to: string): boolean =>
  code >= from.charCodeAt(0) && code <= to.charCodeAt(0);
const isDigit: Test = (code) => within(code, '0', '9');
const isWord: Test = (code) =>
  isDigit(code) || within(code, 'a', 'z') || within(code, 'A', 'Z') || code === 0x5f;
const isSpace: Test = (code) => '\t\n\f\r '.includes(String.fromCharCode(code));
const not =
  (test: Test): Test =>
  (code) =>
    !test(code);
const classes: Readonly<Record<string, Test>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
const literal = (character: string): Test => {
  const wanted = character.charCodeAt(0);
  return (code) => code === wanted;
};

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#text.length) this.#fail('expected no ) without (');
    return node;
  }

  #fail(message: string): never {
    throw new Malformed(`${message}, got another at=${this.#at}`);
  }

  #next(): string {
    return this.#text.charAt(this.#at);
  }

  #take(): string {
    const character = this.#next();
    this.#at += 1;
    return character;
  }

  #takes(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #alternatives(): Node {
    const parts = [this.#sequence()];
    while (this.#takes('|')) parts.push(this.#sequence());
    return { kind: 'any', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#text.length && this.#next() !== '|' && this.#next() !== ')') {
      parts.push(this.#repeated(this.#atom()));
    }
    return { kind: 'all', parts };
  }

  #atom(): Node {
    const character = this.#take();
    switch (character) {
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '.':
        return { kind: 'one', test: not(literal('\n')) };
      case '[':
        return { kind: 'one', test: this.#class() };
      case '\\':
        return { kind: 'one', test: this.#escape() };
      case '(':
        return this.#group();
      case '*':
      case '+':
      case '?':
        return this.#fail('expected something to repeat');
      default:
        return { kind: 'one', test: literal(character) };
    }
  }

  #group(): Node {
    if (this.#next() === '?' && !this.#takes('?:')) {
      this.#fail('expected ( or (?: and neither flags nor look-around');
    }
    this.#depth += 1;
    if (this.#depth > depthMax) this.#fail(`expected at most ${depthMax} groups in each other`);
    const node = this.#alternatives();
    this.#depth -= 1;
    if (!this.#takes(')')) this.#fail('expected )');
    return node;
  }

  #escape(): Test {
    const character = this.#take();
    const test = classes[character];
    if (test !== undefined) return test;
    if (character === '' || /[a-zA-Z0-9]/.test(character)) {
      this.#fail('expected an escaped mark, or one of d, D, w, W, s, S');
    }
    return literal(character);
  }

  #class(): Test {
    const isNegated = this.#takes('^');
    const tests: Test[] = [];
    do {
      if (this.#at >= this.#text.length) this.#fail('expected ]');
      const from = this.#take();
      if (from === '\\' && classes[this.#next()] !== undefined) {
        tests.push(this.#escape());
        continue;
      }
      const low = from === '\\' ? this.#escaped() : from;
      if (this.#next() !== '-' || this.#text.charAt(this.#at + 1) === ']') {
        tests.push(literal(low));
        continue;
      }
      this.#at += 1;
      const to = this.#take();
      const high = to === '\\' ? this.#escaped() : to;
      if (high === '' || high < low) this.#fail('expected a range that rises');
      tests.push((code) => within(code, low, high));
    } while (this.#next() !== ']');
    this.#at += 1;
    const test: Test = (code) => tests.some((one) => one(code));
    return isNegated ? not(test) : test;
  }

  #escaped(): string {
    const character = this.#next();
    this.#escape();
    return character;
  }

  #repeated(node: Node): Node {
    const bounds = this.#bounds();
    if (bounds === undefined) return node;
    // Whether it takes much or little first makes no difference to a whole match.
    this.#takes('?');
    if ('*+?'.includes(this.#next()) && this.#next() !== '') {
      this.#fail('expected one repetition');
    }
    const [min, max] = bounds;
    return { kind: 'repeat', node, min, max };
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#takes('*')) return [0, Infinity];
    if (this.#takes('+')) return [1, Infinity];
    if (this.#takes('?')) return [0, 1];
    const counted = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#text.slice(this.#at, this.#at + 12));
    if (counted === null) return undefined;
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === '' ? Infinity : Number(counted[3]);
    const isIn = min <= repeatMax && (max === Infinity || (max >= min && max <= repeatMax));
    return isIn ? [min, max] : this.#fail(`expected repetitions of at most ${repeatMax}`);
  }
}
