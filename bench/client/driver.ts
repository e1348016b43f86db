/** What a fetch waits for at most, the same for all. */
export const maxWaitMs = 500;

export interface Load {
  readonly topic: string;
  readonly value: Buffer;
  readonly partitions: number;
}

export interface Taker {
  /** The consumer has its partitions, and has fetched nothing yet. */
  ready(): void;
  /** False: it is enough. */
  take(records: number): boolean | Promise<boolean>;
}

/** A client, as it is meant to be used. What fails rejects, and ends the bench. */
export interface Driver {
  createTopic(name: string, partitions: number): Promise<void>;
  /** One record, acknowledged. Who has no linger ignores `lingers`. */
  send(topic: string, value: Buffer, lingers: boolean): Promise<unknown>;
  /** Records for all partitions, as long as it `goesOn`: how many, when all are acknowledged. */
  sendMany(load: Load, goesOn: (sent: number) => boolean): Promise<number>;
  /** From the beginning, all partitions. */
  consume(topic: string, by: 'records' | 'batches', taker: Taker): Promise<void>;
  close(): Promise<void>;
}

/** Where the log is, and who asks. */
export type Target =
  | { readonly kind: 'memory' }
  | { readonly kind: 'directory'; readonly dir: string }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'stores'; readonly table: string; readonly bucket: string }
  | KafkaTarget;

export interface KafkaTarget {
  readonly kind: 'kafkajs' | 'platformatic';
  /** `host:port` */
  readonly address: string;
  /** Every batch is flushed to the disk before it is acknowledged. */
  readonly synced: boolean;
}

export const isKafka = (target: Target): target is KafkaTarget =>
  target.kind === 'kafkajs' || target.kind === 'platformatic';

/** Of Tailrace by default, and the same for those whose caller makes the batches. */
const batchBytes = 256 * 1024;
/** Batches under way at once: what Kafka's own producer allows; Tailrace has one per partition. */
const batchesInFlight = 5;

/** `sendMany` of clients that make a request of each call: the caller makes the batches. */
export async function sendBatches(
  { value, partitions }: Load,
  goesOn: (sent: number) => boolean,
  send: (messages: { value: Buffer; partition: number }[]) => Promise<unknown>,
): Promise<number> {
  const length = Math.ceil(batchBytes / value.length);
  let batches = 0;
  const lane = async (): Promise<void> => {
    while (goesOn(batches * length)) {
      const partition = batches % partitions;
      batches += 1;
      await send(Array.from({ length }, () => ({ value, partition })));
    }
  };
  const lanes = Math.max(batchesInFlight, partitions);
  await Promise.all(Array.from({ length: lanes }, lane));
  return batches * length;
}
