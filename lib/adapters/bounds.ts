import type { Condition, Item, ItemKey, Operation, QueryOptions } from '../ports/metadata-table.ts';
import type { ByteRange } from '../ports/object-store.ts';
import { assert } from '../std/assert.ts';
import { limits } from '../std/limits.ts';

/** A query's page ends before the item that would carry it beyond this (DynamoDB's 1 MB). */
export const queryPageBytesMax = 1024 * 1024;
/** Attribute names, numbers and types of one item, rounded up. */
const itemOverheadBytes = 100;
/** What one entry of `appended` adds to an item beside its bytes. */
export const entryOverheadBytes = 4;

const keyBytesMax = 512;
/** S3's: a part that is not the last has at least so many. */
export const partBytesMin = 5 * 1024 * 1024;

const utf8Length = (text: string): number => Buffer.byteLength(text, 'utf8');

export function keyBytes(key: ItemKey): number {
  return itemOverheadBytes + utf8Length(key.pk) + utf8Length(key.sk);
}

/** Size of an item as every adapter counts it, never less than DynamoDB does. */
export function itemBytes(item: Item): number {
  let bytes = keyBytes(item) + item.body.length;
  for (const entry of item.appended) bytes += entry.length + entryOverheadBytes;
  return bytes;
}

/** Throws for a size that no adapter stores. */
export function assertItemBytes(bytes: number, key: ItemKey): void {
  assert(
    bytes <= limits.itemBytesMax,
    `item is too large: bytes=${bytes} max=${limits.itemBytesMax} pk=${key.pk} sk=${key.sk}`,
  );
}

function assertKeyPart(name: string, text: string): void {
  assert(text.isWellFormed(), `${name} is not well-formed text`);
  const bytes = utf8Length(text);
  assert(bytes >= 1 && bytes <= keyBytesMax, `${name} has a length out of bounds: bytes=${bytes}`);
}

export function assertKey(key: ItemKey): void {
  assertKeyPart('pk', key.pk);
  assertKeyPart('sk', key.sk);
}

function assertVersion(version: number): void {
  assert(
    Number.isSafeInteger(version) && version >= -1,
    `version is not an integer of −1 … 2^53−1: version=${version}`,
  );
}

/** Checks an append by itself; how large the item grows is known only with the item. */
export function assertAppend(key: ItemKey, version: number, command: Uint8Array): void {
  assertKey(key);
  assertVersion(version);
  assertItemBytes(keyBytes(key) + command.length + entryOverheadBytes, key);
}

export function assertCondition(condition: Condition): void {
  if ('version' in condition) assertVersion(condition.version);
}

export function assertItem(item: Item): void {
  assertKey(item);
  assertVersion(item.version);
  assert(
    Number.isSafeInteger(item.limit) && item.limit >= -1,
    `limit is out of bounds: limit=${item.limit}`,
  );
  const sum = item.appended.reduce((bytes, entry) => bytes + entry.length, 0);
  assert(item.bytes === sum, `bytes is not the sum of appended: bytes=${item.bytes} sum=${sum}`);
  assertItemBytes(itemBytes(item), item);
}

/** 1 … 100 operations, each within bounds, each on another item, all of them below 4 MB. */
export function assertOperations(operations: readonly Operation[]): void {
  const count = operations.length;
  assert(
    count >= 1 && count <= limits.transactOperationsMax,
    `a transaction has 1 … ${limits.transactOperationsMax} operations: count=${count}`,
  );
  const seen = new Set<string>();
  let bytes = 0;
  for (const operation of operations) {
    const key = operation.kind === 'put' ? operation.item : operation.key;
    if (operation.kind === 'put') assertItem(operation.item);
    else assertKey(key);
    bytes += operation.kind === 'put' ? itemBytes(operation.item) : keyBytes(key);
    assertCondition(operation.condition);
    const name = JSON.stringify([key.pk, key.sk]);
    assert(!seen.has(name), `two operations on one item: pk=${key.pk} sk=${key.sk}`);
    seen.add(name);
  }
  assert(
    bytes <= limits.transactBytesMax,
    `a transaction is too large: bytes=${bytes} max=${limits.transactBytesMax}`,
  );
}

export function assertQuery(pk: string, options: QueryOptions): void {
  assertKeyPart('pk', pk);
  const { limit } = options;
  assert(
    Number.isSafeInteger(limit) && limit >= 1 && limit <= limits.queryItemsMax,
    `a query asks for 1 … ${limits.queryItemsMax} items: limit=${limit}`,
  );
}

const objectKeyPattern = /^[A-Za-z0-9!\-_.*'()/]+$/;

export function assertObjectKey(key: string): void {
  assert(
    objectKeyPattern.test(key) && key.length <= limits.objectKeyBytesMax,
    `object key is out of bounds: key=${JSON.stringify(key)}`,
  );
}

export function assertObjectKeys(keys: readonly string[]): void {
  assert(keys.length <= limits.objectKeysMax, `too many object keys: count=${keys.length}`);
  for (const key of keys) assertObjectKey(key);
}

export function assertByteRange(range: ByteRange): void {
  assert(
    Number.isSafeInteger(range.from) && range.from >= 0,
    `range begins out of bounds: from=${range.from}`,
  );
  assert(
    Number.isSafeInteger(range.length) && range.length >= 1,
    `range has no bytes: length=${range.length}`,
  );
}

/** Passes parts on and throws when one that is not the last is below 5 MiB. */
export async function* checkedParts(
  parts: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let short: number | undefined;
  for await (const part of parts) {
    assert(short === undefined, `a part before the last is too small: bytes=${short ?? 0}`);
    if (part.length < partBytesMin) short = part.length;
    yield part;
  }
}
