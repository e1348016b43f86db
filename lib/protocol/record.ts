/** A header: the same name may come more than once in a record, and order is kept. */
export interface RecordHeader {
  /** UTF-8 on the wire. */
  readonly name: string;
  readonly value: Uint8Array | null;
}

/** What a producer writes. Null is data: a null value is a tombstone in a compacted topic. */
export interface LogRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** Milliseconds since 1970; −1 is "none". */
  readonly timestamp: bigint;
}

/** What a reader gets. Key, value and header values are views of the batch's bytes. */
export interface DecodedRecord extends LogRecord {
  readonly offset: bigint;
}
