/** Where a JSON value ends, or where the text stops being one (its length if it ends too early). */
export type JsonScan =
  | { readonly ok: true; readonly end: number }
  | { readonly ok: false; readonly at: number };

const space = /[\t\n\r ]*/y;
// oxlint-disable-next-line no-control-regex -- JSON strings may not hold them as they are
const plainCharacters = /[^"\\\u0000-\u001f]*/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The first place at or after `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
  return skip(space, text, at);
}

/**
 * Scans one JSON value (RFC 8259) that begins at `from`. Unlike JSON.parse it stops behind the
 * value, and it always knows where it went wrong. Uses no recursion: depth is bounded by memory.
 */
export function scanJson(text: string, from: number): JsonScan {
  const open: string[] = [];
  let at = skipSpace(text, from);
  for (;;) {
    const value = scanOpening(text, at, open);
    if (!value.ok) return value;
    at = value.end;
    for (;;) {
      const container = open.at(-1);
      if (container === undefined) return { ok: true, end: at };
      at = skipSpace(text, at);
      if (text[at] !== (container === '{' ? '}' : ']')) break;
      open.pop();
      at += 1;
    }
    if (!value.opened) {
      if (text[at] !== ',') return { ok: false, at };
      at = skipSpace(text, at + 1);
    }
    if (open.at(-1) === '{') {
      const key = scanKey(text, at);
      if (!key.ok) return key;
      at = key.end;
    }
  }
}

type Opening = { readonly ok: true; readonly end: number; readonly opened: boolean };

/** A scalar, or the bracket that opens an object or an array. */
function scanOpening(
  text: string,
  at: number,
  open: string[],
): Opening | (JsonScan & { ok: false }) {
  const first = text[at];
  if (first === '{' || first === '[') {
    open.push(first);
    const next = skipSpace(text, at + 1);
    // An empty container is closed by the caller, and what follows it is a comma again.
    return { ok: true, end: next, opened: text[next] !== (first === '{' ? '}' : ']') };
  }
  if (first === '"') {
    const string = scanString(text, at);
    return string.ok ? { ...string, opened: false } : string;
  }
  const end = skip(scalar, text, at);
  return end === at ? { ok: false, at } : { ok: true, end, opened: false };
}

function scanString(text: string, from: number): JsonScan {
  let at = from + 1;
  for (;;) {
    at = skip(plainCharacters, text, at);
    if (text[at] === '"') return { ok: true, end: at + 1 };
    const next = skip(escape, text, at);
    if (next === at) return { ok: false, at };
    at = next;
  }
}

/** A key with its colon and the white space around it. */
function scanKey(text: string, at: number): JsonScan {
  if (text[at] !== '"') return { ok: false, at };
  const key = scanString(text, at);
  if (!key.ok) return key;
  const colon = skipSpace(text, key.end);
  return text[colon] === ':'
    ? { ok: true, end: skipSpace(text, colon + 1) }
    : { ok: false, at: colon };
}
