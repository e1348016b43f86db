import { assert } from './assert.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * Every limit, in one place. The assertions below relate them to each other and run at import.
 * Documented for users in docs/limits-and-costs.md.
 */
export const limits = {
  /** A DynamoDB item with all its attributes. */
  itemBytesMax: 400_000,
  /** Operations in one table transaction. */
  transactOperationsMax: 100,
  /** All items of one table transaction (DynamoDB's 4 MB). */
  transactBytesMax: 4_000_000,
  /** Items asked for by one query. */
  queryItemsMax: 1_000,
  /** Keys in one object deletion or listing page. */
  objectKeysMax: 1_000,
  objectKeyBytesMax: 1_024,

  /** One record batch as it is stored: Kafka's default `max.message.bytes`, and the most allowed. */
  batchBytesDefault: 1_048_588,
  batchBytesMax: 4 * MiB,
  /** What a compressed batch may unfold to. */
  batchInflatedBytesMax: 16 * MiB,
  /** Records in one batch. */
  batchRecordsMax: 500_000,

  /** A whole HTTP request body, and an encoded response (Lambda's payload limit, with room). */
  requestBytesMax: 4 * MiB,
  responseBytesMax: 4 * MiB,
  /** Records in one produce request: each takes some of its answer. */
  requestRecordsMax: 10_000,
  /** What the answer to a produce request says of one record, the name of its topic aside. */
  reportBytesMax: 400,

  /** Entries in one page of a list. */
  pageEntriesMax: 1_000,

  /** Kafka's: topic names and group names are file names. */
  topicNameLengthMax: 249,
  partitionsMax: 1_000,
  headersPerRecordMax: 1_000,
  idempotencyKeyLengthMax: 256,

  /** Bytes carried inside a command; above, a PUT of 8 write units is cheaper. */
  inlineBytesMax: 7_000,
  /** Commands waiting in one appender, in bytes of batches: beyond it the door says busy. */
  appenderBytesMax: 64 * MiB,
  /** One commit's batches. */
  commitBytesMax: 8 * MiB,
  commitRunsMax: 256,
  /** Whole produce call, under the function's 25 s, under the gateway's 29 s. */
  produceDeadlineMs: 20_000,
  fetchWaitMsMax: 20_000,
} as const;

assert(limits.itemBytesMax <= limits.transactBytesMax, 'an item fits in a transaction');
assert(limits.batchBytesDefault <= limits.batchBytesMax, 'the default batch fits the largest');
assert(limits.batchBytesMax <= limits.requestBytesMax, 'the largest batch fits in a request');
const reportsBytesMax = limits.requestRecordsMax * limits.reportBytesMax;
assert(reportsBytesMax <= limits.responseBytesMax, 'the reports of a request fit in its answer');
assert(limits.batchBytesMax <= limits.commitBytesMax, 'the largest batch fits in a commit');
assert(limits.commitBytesMax <= limits.appenderBytesMax, 'a commit fits in the appender');
assert(limits.produceDeadlineMs < 25_000, 'the deadline is under that of the function');
