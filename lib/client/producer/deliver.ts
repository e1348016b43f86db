import type { ProducedBatch } from '../../broker/broker.ts';
import { OutcomeUnknown } from '../../engine/outcome-unknown.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { encodeBatch } from '../../protocol/record-batch-encode.ts';
import { limits } from '../../std/limits.ts';
import type { ClientContext } from '../context.ts';
import { backoffMs } from '../retries.ts';
import type { Entry } from './entry.ts';
import { isLost, judge } from './judge.ts';
import type { Lane } from './lane.ts';
import type { ProducerSettings } from './settings.ts';

export type Delivered =
  | { readonly kind: 'appended'; readonly produced: ProducedBatch }
  | { readonly kind: 'split' }
  /** Certainly not in the log. */
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'unknown'; readonly error: OutcomeUnknown };

type Settings = Pick<
  ProducerSettings<never, never>,
  'compression' | 'deliveryTimeoutMs' | 'tryMs' | 'idempotent'
>;

/**
 * Sends one batch until it is known what became of it, or until the time of its first record is
 * over. Leaves the lane's producer id and sequence as the next batch needs them.
 */
export async function deliver(
  lane: Lane,
  entries: readonly Entry[],
  settings: Settings,
  context: ClientContext,
): Promise<Delivered> {
  const { clock, random } = context;
  const until = (entries[0]?.sentAt ?? 0) + settings.deliveryTimeoutMs;
  let batch = encode(lane, entries, settings);
  let open = false;
  for (let failures = 1; ; failures += 1) {
    const answer = await tryOnce(lane, batch, settings.tryMs, context);
    if (answer.ok) {
      lane.appended(entries.length);
      return { kind: 'appended', produced: answer.produced };
    }
    const { error } = answer;
    const { idempotent } = settings;
    const judgement = judge(error, { idempotent, open, records: entries.length });
    open ||= isLost(error);
    switch (judgement) {
      case 'split':
        lane.split(entries);
        return { kind: 'split' };
      case 'refused':
        return { kind: 'refused', error };
      case 'unknown':
        return givenUp(lane, error);
      case 'renew':
        lane.renew();
        batch = encode(lane, entries, settings);
        break;
      case 'again':
        break;
    }
    const pause = backoffMs(failures, random);
    if (clock.monotonic() + pause >= until) {
      return open ? givenUp(lane, error) : { kind: 'refused', error };
    }
    await clock.sleep(pause);
  }
}

function encode(lane: Lane, entries: readonly Entry[], settings: Settings): Buffer {
  const { compression: codec, idempotent } = settings;
  const { producerId, sequence: baseSequence } = lane;
  const numbers = idempotent ? { producerId, producerEpoch: 0, baseSequence } : {};
  return encodeBatch(
    entries.map(({ record }) => record),
    { codec, ...numbers },
  );
}

function givenUp(lane: Lane, cause: unknown): Delivered {
  const ours = `${lane.producerId}/${lane.sequence}`;
  const error = new OutcomeUnknown(cause instanceof OutcomeUnknown ? cause.commandId : ours, true);
  error.cause = cause;
  lane.renew();
  return { kind: 'unknown', error };
}

type Answer =
  | { readonly ok: true; readonly produced: ProducedBatch }
  | { readonly ok: false; readonly error: unknown };

/** Never rejects. An answer that comes after `tryMs` is not waited for. */
async function tryOnce(
  lane: Lane,
  batch: Buffer,
  tryMs: number,
  { transport, clock }: ClientContext,
): Promise<Answer> {
  const { topic, partition, producerId, sequence } = lane;
  if (batch.length > limits.batchBytesMax) {
    const message = `batch is too large: max=${limits.batchBytesMax} bytes=${batch.length}`;
    return { ok: false, error: new ProtocolError('MESSAGE_TOO_LARGE', message) };
  }
  const answered = new AbortController();
  const late = async (): Promise<undefined> => {
    await clock.sleep(tryMs, answered.signal);
  };
  const send = async (): Promise<Answer> => {
    try {
      return { ok: true, produced: await transport.produceBatch({ topic, partition, batch }) };
    } catch (error) {
      return { ok: false, error };
    }
  };
  const answer = await Promise.race([send(), late()]);
  answered.abort('answered');
  // Made here, not in `late`, which comes to its end also after an answer: an error is dear.
  return answer ?? { ok: false, error: new OutcomeUnknown(`${producerId}/${sequence}`, true) };
}
