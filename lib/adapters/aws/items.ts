import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item, ItemKey } from '../../ports/metadata-table.ts';
import { assert, must } from '../../std/assert.ts';

/**
 * An item as DynamoDB keeps it. Names are short because they are billed: `v`ersion, `b`ody, and,
 * where something may be appended, `a`ppended, `n` (its bytes) and `l`imit.
 */
export type Attributes = Record<string, AttributeValue>;

export function keyAttributes({ pk, sk }: ItemKey): Attributes {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** A number is kept in decimal: exact for every safe integer. */
export const numberAttribute = (value: number): AttributeValue => ({ N: String(value) });

/** Bytes are copied: a request is serialized later, and the caller may change its own by then. */
export const bytesAttribute = (bytes: Uint8Array): AttributeValue => ({ B: new Uint8Array(bytes) });

export function itemAttributes(item: Item): Attributes {
  const attributes: Attributes = {
    ...keyAttributes(item),
    v: numberAttribute(item.version),
    b: bytesAttribute(item.body),
  };
  // Nothing was appended and nothing may be: three attributes that need not be paid for.
  if (item.limit < 0 && item.appended.length === 0) return attributes;
  return {
    ...attributes,
    a: { L: item.appended.map(bytesAttribute) },
    n: numberAttribute(item.bytes),
    l: numberAttribute(item.limit),
  };
}

export function decodeItem(attributes: Attributes): Item {
  const { pk, sk, v, b, a, n, l } = attributes;
  return {
    pk: must(pk?.S, 'attribute pk'),
    sk: must(sk?.S, 'attribute sk'),
    version: decodeNumber(v, 'v'),
    body: must(b?.B, 'attribute b'),
    appended:
      a === undefined ? [] : must(a.L, 'list a').map((entry) => must(entry.B, 'bytes in a')),
    bytes: n === undefined ? 0 : decodeNumber(n, 'n'),
    limit: l === undefined ? -1 : decodeNumber(l, 'l'),
  };
}

/** The item that stood in the way of a condition, if one did. */
export function decodeObstacle(attributes: Attributes | undefined): Item | undefined {
  return attributes === undefined ? undefined : decodeItem(attributes);
}

function decodeNumber(attribute: AttributeValue | undefined, name: string): number {
  const value = Number(must(attribute?.N, `number ${name}`));
  assert(Number.isSafeInteger(value), `a number is not exact: attribute=${name} value=${value}`);
  return value;
}
