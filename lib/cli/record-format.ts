import { InvalidArgumentError } from 'commander';
import type { Record } from '../client/types.ts';

type Piece = Buffer | ((record: Record) => Buffer | string);

/** A record as bytes, by a format as kcat has it. Null is `null`, which is empty by default. */
export type Format = (record: Record, sink: (bytes: Buffer) => void) => void;

const nothing = Buffer.alloc(0);

const lengthText = (bytes: Buffer | null): string => (bytes === null ? '-1' : String(bytes.length));

function tokens(literalNull: Buffer): Readonly<{ [token: string]: Piece }> {
  return {
    s: ({ value }) => value ?? literalNull,
    S: ({ value }) => lengthText(value),
    k: ({ key }) => key ?? literalNull,
    K: ({ key }) => lengthText(key),
    h: (record) => headersText(record, literalNull),
    t: ({ topic }) => topic,
    p: ({ partition }) => String(partition),
    o: ({ offset }) => String(offset),
    T: ({ timestamp }) => String(timestamp),
    '%': Buffer.from('%'),
  };
}

function headersText({ headers }: Record, literalNull: Buffer): Buffer {
  const parts = headers.flatMap(({ name, value }, at) => [
    Buffer.from(`${at === 0 ? '' : ','}${name}=`),
    value === null ? literalNull : Buffer.from(value),
  ]);
  return Buffer.concat(parts);
}

const escapes: Readonly<{ [letter: string]: string }> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  '\\': '\\',
};

const part = /%([\s\S]?)|\\x([0-9a-fA-F]{2})|\\([\s\S]?)|([^%\\]+)/gy;

/** Throws for a token or an escape that there is not. */
export function compileFormat(text: string, nullText = ''): Format {
  const known = tokens(nullText === '' ? nothing : Buffer.from(nullText));
  const pieces = [...text.matchAll(part)].map(([whole, token, hex, escape, literal]): Piece => {
    if (literal !== undefined) return Buffer.from(literal);
    if (hex !== undefined) return Buffer.from(hex, 'hex');
    const piece = token === undefined ? undefined : known[token];
    if (piece !== undefined) return piece;
    const character = escape === undefined ? undefined : escapes[escape];
    if (character !== undefined) return Buffer.from(character);
    throw new InvalidArgumentError(
      `expected %s %S %k %K %h %t %p %o %T %% or \\n \\r \\t \\0 \\xNN \\\\, got ${whole}.`,
    );
  });
  return (record, sink) => {
    for (const piece of pieces) {
      const bytes = typeof piece === 'function' ? piece(record) : piece;
      sink(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    }
  };
}
