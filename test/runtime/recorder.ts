import type { Anomaly, Seen, Send } from '../sim/checker/history.ts';
import type { Outcome } from '../sim/checker/outcome.ts';
import type { Answer } from './gateway.ts';

/** A produce request, in all its attempts. */
export interface Asked {
  readonly client: string;
  readonly topic: string;
  readonly request: number;
  readonly values: readonly string[];
  /** Of an idempotent producer. */
  readonly producer?: string;
}

/** What the answer to one attempt says of one record. */
interface Told {
  readonly outcome: Outcome;
  readonly partition: number;
  readonly offset: bigint;
}

const unknown: Told = { outcome: 'unknown', partition: -1, offset: -1n };
const failed: Told = { outcome: 'failed', partition: -1, offset: -1n };

const outcomeUnknown = 50_401;
/** After these nothing was appended by that attempt, and another may help. */
const retriable: ReadonlySet<number> = new Set([50_003, 42_901]);

/** A value as a history has it: its padding counted, so that it can be read. */
export const shortened = (value: string): string =>
  value.replace(/x{9,}$/, (padding) => `x*${padding.length}`);

interface ErrorBody {
  readonly error_code?: number;
}

type Entry = { readonly partition: number; readonly offset: number } | Required<ErrorBody>;

/** Everything that clients did and were told. */
export class Recorder {
  readonly sends: Send[] = [];
  readonly polls: Seen['polls'][number][] = [];
  readonly listings: NonNullable<Seen['listings']>[number][] = [];
  readonly finals: Seen['finals'][number][] = [];
  /** Answers that nobody may ever get. */
  readonly wrong: Anomaly[] = [];
  #requests = 0;

  /** Of this moment, in ms, by a clock that does not go back. */
  now(): number {
    return performance.now();
  }

  newRequest(): number {
    this.#requests += 1;
    return this.#requests;
  }

  /** One attempt, after its answer came or its client gave up. True if another may help. */
  send(asked: Asked, invoked: number, answer: Answer | undefined): boolean {
    const completed = answer === undefined ? Infinity : this.now();
    const told = this.#told(asked, answer);
    const { client, topic, request, values, producer } = asked;
    for (const [index, each] of values.entries()) {
      const value = shortened(each);
      const send = {
        client,
        topic,
        request,
        value,
        invoked,
        completed,
        ...(told[index] ?? unknown),
      };
      this.sends.push(producer === undefined ? send : { ...send, producer });
    }
    return told.some(({ outcome }) => outcome !== 'ok');
  }

  #told({ client, values }: Asked, answer: Answer | undefined): readonly Told[] {
    const all = (told: Told): readonly Told[] => values.map(() => told);
    if (answer === undefined) return all(unknown);
    const body = JSON.parse(answer.text) as ErrorBody & { readonly offsets?: readonly Entry[] };
    if (answer.status === 200 && body.offsets?.length === values.length) {
      return body.offsets.map((entry) => this.#toldOf(client, entry));
    }
    // The gateway's own, where the function said nothing: it has no error code.
    if (body.error_code === undefined && answer.status >= 500) return all(unknown);
    return all(this.#failureOf(client, body.error_code, answer.text));
  }

  #toldOf(client: string, entry: Entry): Told {
    if ('error_code' in entry && entry.error_code !== null) {
      return this.#failureOf(client, entry.error_code, JSON.stringify(entry));
    }
    const { partition, offset } = entry as { partition: number; offset: number };
    return { outcome: 'ok', partition, offset: BigInt(offset) };
  }

  #failureOf(client: string, code: number | undefined, text: string): Told {
    if (code === outcomeUnknown) return unknown;
    if (code === undefined || !retriable.has(code)) {
      this.wrong.push({ rule: 'unforeseen answer', detail: `to ${client}: ${text}` });
    }
    // An unforeseen error says nothing of what happened.
    return code === 50_002 ? unknown : failed;
  }
}
