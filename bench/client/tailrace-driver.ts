import { setImmediate } from 'node:timers/promises';
import { createClient } from '../../lib/client/create-client.ts';
import { startTailrace } from '../../lib/client/start-tailrace.ts';
import type { Bytes, Client, Producer } from '../../lib/client/types.ts';
import type { Driver, KafkaTarget, Load, Taker, Target } from './driver.ts';

type Ours = Exclude<Target, KafkaTarget>;

/** Records come in pieces, as from a file or a socket; between them, others have their turn. */
const pieceBytes = 64 * 1024;

export async function openTailrace(target: Ours): Promise<Driver> {
  return new TailraceDriver(await open(target));
}

async function open(target: Ours): Promise<Client> {
  switch (target.kind) {
    case 'memory':
      return startTailrace();
    case 'directory':
      return createClient({ dir: target.dir });
    case 'http':
      return createClient({ url: target.url });
    case 'stores':
      return createClient({ table: target.table, bucket: target.bucket });
  }
}

class TailraceDriver implements Driver {
  readonly #client: Client;
  readonly #producer: Producer<Bytes, Bytes>;
  readonly #prompt: Producer<Bytes, Bytes>;

  constructor(client: Client) {
    this.#client = client;
    this.#producer = client.producer();
    this.#prompt = client.producer({ lingerMs: 0 });
  }

  createTopic(name: string, partitions: number): Promise<void> {
    return this.#client.admin.createTopic({ name, partitions });
  }

  send(topic: string, value: Buffer, lingers: boolean): Promise<unknown> {
    const producer = lingers ? this.#producer : this.#prompt;
    return producer.send({ topic, value });
  }

  async sendMany({ topic, value, partitions }: Load, goesOn: (sent: number) => boolean) {
    const producer = this.#producer;
    const perPiece = Math.ceil(pieceBytes / value.length);
    let sent = 0;
    const failures: unknown[] = [];
    for (; failures.length === 0 && goesOn(sent); sent += 1) {
      if (sent % perPiece === 0) await setImmediate();
      await producer.room();
      producer.send({ topic, value, partition: sent % partitions }).catch((error: unknown) => {
        failures.push(error);
      });
    }
    await producer.flush();
    if (failures.length > 0) throw failures[0];
    return sent;
  }

  async consume(topic: string, by: 'records' | 'batches', taker: Taker): Promise<void> {
    await using consumer = this.#client.consumer({ assignments: [{ topic }] });
    taker.ready();
    if (by === 'batches') {
      for await (const { records } of consumer.batches()) {
        if (!(await taker.take(records.length))) return;
      }
      return;
    }
    for await (const _ of consumer) {
      const more = taker.take(1);
      if (!(typeof more === 'boolean' ? more : await more)) return;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
