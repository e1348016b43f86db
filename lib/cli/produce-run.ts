import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { systemClock } from '../adapters/system/clock.ts';
import type { Bytes, Client, Producer } from '../client/types.ts';
import { OutcomeUnknown } from '../engine/outcome-unknown.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { limits } from '../std/limits.ts';
import { tell } from './errors.ts';
import { linesOf } from './input-lines.ts';
import type { InputLine } from './input-lines.ts';
import { Ledger } from './ledger.ts';
import type { ProduceOptions } from './produce.ts';
import { exitCodeAfter, report } from './produce-report.ts';
import { showProgress } from './progress.ts';
import { jsonRecords, textRecords } from './record-lines.ts';
import type { ParseRecord } from './record-lines.ts';
import { onStop, signalExitCodes } from './signals.ts';
import type { StopSignal } from './signals.ts';
import { counted } from './text.ts';

/** No record is larger than a batch; as JSON, in base64 and escapes, it may take twice as much. */
const lineBytesMax = 2 * limits.batchBytesMax;

/** Of records under way: enough for a few dozen batches, and little to wait for after ^C. */
const bufferBytes = 8 * 1024 * 1024;

/** Sends the lines of the input, tells on stderr what became of them, and sets the exit code. */
export async function runProduce(
  client: Client,
  input: Readable,
  topic: string | undefined,
  options: ProduceOptions,
): Promise<void> {
  // Before the input is read: a topic or a server that is not there.
  await (topic === undefined ? client.admin.clusterId() : client.admin.describeTopic(topic));
  const ledger = new Ledger();
  const stop = new AbortController();
  let signal: StopSignal | undefined;
  onStop(
    (name) => {
      signal = name;
      stop.abort();
      tellToWait(ledger);
    },
    (name) => {
      // Whoever insists does not wait for those that are under way: nobody knows of them.
      ledger.unknown += ledger.waiting;
      process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}${report(ledger, name)}`);
      process.exit(exitCodeAfter(ledger, signalExitCodes[name]));
    },
  );
  const { timeout: deliveryTimeoutMs, compression } = options;
  const producer = client.producer({
    compression,
    bufferBytes,
    deliveryTimeoutMs,
    maxBlockMs: deliveryTimeoutMs,
  });
  const shared = { ...options, headers: options.header ?? [] };
  const parse =
    topic === undefined || options.json === true
      ? jsonRecords({ ...shared, ...(topic === undefined ? {} : { topic }) })
      : textRecords(topic, shared);
  const sender = new Sender(producer, parse, ledger, stop);
  const sent = new AbortController();
  const shown = showProgress(ledger, input, systemClock(), sent.signal);
  const fault = await sender.run(input, options.skipLines);
  sent.abort();
  await shown;
  process.stderr.write(report(ledger, signal, fault));
  const otherwise = signal === undefined ? 0 : signalExitCodes[signal];
  process.exitCode = exitCodeAfter(ledger, fault === undefined ? otherwise : 1);
}

/** On a terminal, where ^C stands in the line. */
function tellToWait({ waiting }: Ledger): void {
  if (!process.stderr.isTTY) return;
  const told = `waiting for ${counted(waiting, 'record')} under way; ^C again ends at once\n`;
  process.stderr.write(`\n${waiting === 0 ? '' : told}`);
}

class Sender {
  readonly #producer: Producer<Bytes, Bytes>;
  readonly #parse: ParseRecord;
  readonly #ledger: Ledger;
  readonly #stop: AbortController;

  constructor(
    producer: Producer<Bytes, Bytes>,
    parse: ParseRecord,
    ledger: Ledger,
    stop: AbortController,
  ) {
    this.#producer = producer;
    this.#parse = parse;
    this.#ledger = ledger;
    this.#stop = stop;
  }

  /** Resolves when all that was sent has come to an end, with what was wrong with the input. */
  async run(input: Readable, skipLines: number): Promise<string | undefined> {
    let fault: string | undefined;
    try {
      await this.#sendAll(addAbortSignal(this.#stop.signal, input), skipLines);
    } catch (error) {
      // To stop is to end the input early.
      if (!this.#stop.signal.aborted) fault = tell(error);
    }
    await this.#producer.flush();
    return fault;
  }

  async #sendAll(input: Readable, skipLines: number): Promise<void> {
    for await (const lines of linesOf(input, lineBytesMax)) {
      for (const line of lines) {
        if (this.#stop.signal.aborted) return;
        const record = line.number > skipLines ? this.#parse(line) : undefined;
        if (record === undefined) {
          this.#ledger.pass(line.number);
          continue;
        }
        await this.#producer.room();
        if (this.#stop.signal.aborted) return;
        this.#send(line, record);
      }
    }
  }

  #send({ number: line }: InputLine, record: NonNullable<ReturnType<ParseRecord>>): void {
    const bytes = lengthOf(record.key) + lengthOf(record.value);
    this.#ledger.send(line);
    this.#producer.send(record).then(
      () => this.#ledger.acknowledge(line, bytes),
      (error: unknown) => {
        const kind = isRefusal(error) ? 'failed' : 'unknown';
        this.#ledger.fail({ line, kind, message: tell(error) });
        // More lines would only make more gaps.
        this.#stop.abort();
      },
    );
  }
}

/** Only what Kafka has a name for is certain not to have been appended. */
function isRefusal(error: unknown): boolean {
  return error instanceof ProtocolError && !(error instanceof OutcomeUnknown);
}

function lengthOf(bytes: Bytes | undefined): number {
  if (bytes === undefined || bytes === null) return 0;
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
}
