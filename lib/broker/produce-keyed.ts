/**
 * Produce with an Idempotency-Key: the key is reserved, with the command ids and where to look for
 * them, before anything is sent; then every process that is asked walks the log under those ids.
 */
import { createHash } from 'node:crypto';
import { findNewest } from '../core/log/find-newest.ts';
import type { Position } from '../core/log/head.ts';
import type { KeyedPart, KeyedRequest } from '../core/keyed/keyed.ts';
import { recordKey, reserveKey } from '../core/keyed/reserve-key.ts';
import { drive } from '../engine/driver.ts';
import type { Appended } from '../engine/appender.ts';
import type { KnownTopic } from '../engine/topics.ts';
import { together } from '../engine/together.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { offset, partition as toPartition } from '../std/brands.ts';
import type { Offset } from '../std/brands.ts';
import type { ProduceInput, ProducedRecord } from './broker.ts';
import { buildRun } from './build-batches.ts';
import type { BrokerContext } from './context.ts';
import { settle, throwIfClosed } from './record-answers.ts';
import { LogClosed } from './retry-closed.ts';
import { keylessBytes, splitRecords } from './split-records.ts';
import type { Share } from './split-records.ts';

export async function produceKeyed(
  context: BrokerContext,
  input: ProduceInput,
  known: KnownTopic,
): Promise<readonly ProducedRecord[]> {
  const { engine, sticky } = context;
  const { id, partitions } = known.topic;
  const keyless = keylessBytes(input.records);
  const atMs = engine.env.clock.now();
  const split = {
    partitions,
    sticky: keyless === 0 ? -1 : sticky.pick(id, partitions, keyless),
    now: BigInt(atMs),
  };
  const results: ProducedRecord[] = [];
  const planned = splitRecords(input, known, split, results);
  const parts = await together(planned.map(async (share) => planPart(context, known, share)));
  const mine: KeyedRequest = {
    scope: id,
    key: input.idempotencyKey ?? '',
    bodyHash: hashOf(input),
    partitionCount: partitions,
    sticky: split.sticky,
    atMs,
    parts,
    offsets: undefined,
    version: 0,
  };
  const reserved = await drive(reserveKey, mine, engine.performKey, engine.deadline());
  if (reserved.kind === 'body-differs') {
    throw new ProtocolError(
      'INVALID_REQUEST',
      `the idempotency key was used for other records; take a new key for a new request key=${mine.key}`,
    );
  }
  if (reserved.kind === 'expired') {
    throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the table does not answer; send it again');
  }
  const { keyed } = reserved;
  if (keyed === mine) return send(context, known, keyed, planned, results);
  // An earlier call reserved it: its records went where, and at the time at which, it split them.
  const { partitionCount, sticky: before } = keyed;
  const earlier = { partitions: partitionCount, sticky: before, now: BigInt(keyed.atMs) };
  const again: ProducedRecord[] = [];
  const shares = splitRecords(input, known, earlier, again);
  return send(context, known, keyed, shares, again);
}

async function planPart(
  context: BrokerContext,
  known: KnownTopic,
  share: Share,
): Promise<KeyedPart> {
  const walk = await newestPosition(context, known, share.partition);
  return { partition: share.partition, command: context.engine.env.ids.command(), walk };
}

/** The newest slot that this process has seen, or else the newest there is. */
async function newestPosition(
  context: BrokerContext,
  known: KnownTopic,
  partition: number,
): Promise<Position> {
  const { engine } = context;
  const log = { topicId: known.topic.id, partition: toPartition(partition) };
  const sight = engine.logs.sights.get(log);
  if (sight !== undefined) return sight.replayed.slot.snapshot.end;
  const { config, performLog } = engine.logs;
  const input = { log, config, by: 'hint' } as const;
  const found = await drive(findNewest, input, performLog, engine.deadline());
  if (found.kind === 'found') return found.newest.snapshot.end;
  if (found.kind === 'empty') return { seq: 0, offset: offset(0n) };
  if (found.kind === 'closed') throw new LogClosed();
  throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the table does not answer; send it again');
}

/** Sends what stands under the key, under the ids that stand there. */
async function send(
  context: BrokerContext,
  known: KnownTopic,
  keyed: KeyedRequest,
  shares: readonly Share[],
  results: ProducedRecord[],
): Promise<readonly ProducedRecord[]> {
  const { engine } = context;
  const offsets: (Offset | undefined)[] = keyed.parts.map(() => undefined);
  let undecided = false;
  const answers = await together(
    keyed.parts.map(async (part, i) => {
      const share = shares.find(({ partition }) => partition === part.partition);
      if (share === undefined) return undefined;
      const recorded = keyed.offsets?.[i];
      const appended =
        recorded === undefined ? await appendPart(context, known, share, part) : accepted(recorded);
      undecided ||= appended.kind === 'unknown' || appended.kind === 'not-committed';
      offsets[i] = offsetOf(appended);
      settle(results, share, appended, false);
      return appended;
    }),
  );
  throwIfClosed(answers.filter((answer) => answer !== undefined));
  if (!undecided && keyed.offsets === undefined) {
    const recorded = { ...keyed, offsets, version: keyed.version + 1 };
    await drive(recordKey, recorded, engine.performKey, engine.deadline());
  }
  return results;
}

async function appendPart(
  context: BrokerContext,
  known: KnownTopic,
  share: Share,
  { command, walk }: KeyedPart,
): Promise<Appended> {
  const { engine } = context;
  const log = { topicId: known.topic.id, partition: toPartition(share.partition) };
  const run = buildRun(share.records, known.settings, undefined);
  const keyed = { id: command, walk };
  return engine.appender(log).append(run, engine.deadline(), keyed);
}

function accepted(baseOffset: Offset): Appended {
  return { kind: 'decided', verdict: { kind: 'duplicate', baseOffset }, before: 0 };
}

function offsetOf(appended: Appended): Offset | undefined {
  if (appended.kind !== 'decided') return undefined;
  const { verdict } = appended;
  return verdict.kind === 'accepted' || verdict.kind === 'duplicate'
    ? verdict.baseOffset
    : undefined;
}

/** SHA-256 of what was asked for; timestamps that the caller left out do not count. */
function hashOf(input: ProduceInput): string {
  const hash = createHash('sha256');
  const part = (bytes: Uint8Array | string | null | undefined): void => {
    if (bytes === null || bytes === undefined) {
      hash.update('-');
      return;
    }
    const data = Buffer.from(bytes as Uint8Array);
    hash.update(`${data.length}:`).update(data);
  };
  for (const record of input.records) {
    part(String(record.partition));
    part(record.key);
    part(record.value);
    part(String(record.timestamp));
    part(String(record.headers.length));
    for (const { name, value } of record.headers) {
      part(name);
      part(value);
    }
  }
  return hash.digest('hex');
}
