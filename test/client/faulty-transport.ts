import type { ProduceBatchInput, ProducedBatch } from '../../lib/broker/broker.ts';
import { brokerTransport } from '../../lib/client/broker-transport.ts';
import { LogClient } from '../../lib/client/client.ts';
import type { Transport } from '../../lib/client/transport.ts';
import type { Delivery } from '../../lib/client/types.ts';
import { OutcomeUnknown } from '../../lib/engine/outcome-unknown.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import type { KafkaErrorName } from '../../lib/protocol/errors.ts';
import { startBroker } from '../broker/setup.ts';
import type { Started } from '../broker/setup.ts';
import { Seeded } from '../engine/seeded.ts';

/**
 * What becomes of one call of `produceBatch`. `lost`: not applied, no answer. `applied`: applied,
 * no answer. `late`: no answer, and applied so many ms later. `hang`: never answered, but applied.
 * `crash`: applied, then answered as a server does that failed. A name of Kafka's: refused with it,
 * and not applied.
 */
export type Fate =
  | 'ok'
  | 'lost'
  | 'applied'
  | 'hang'
  | 'crash'
  | 'bug'
  | { late: number }
  | KafkaErrorName;

type Hooks = { -readonly [Name in keyof Transport]?: Transport[Name] };

export interface Faulty extends Started {
  readonly client: LogClient;
  readonly transport: Transport;
  /** The fates of the calls to come; `ok` when there are none left. */
  readonly fates: Fate[];
  /** Every batch that was sent, in order. */
  readonly sent: ProduceBatchInput[];
  /** What goes before the transport's own methods. */
  readonly hooks: Hooks;
}

/** A client of a memory broker, on virtual time, whose transport does what it is told. */
export function faultyClient(seed = 1): Faulty {
  const started = startBroker();
  const { broker, clock } = started;
  const inner = brokerTransport(broker, async () => undefined);
  const fates: Fate[] = [];
  const sent: ProduceBatchInput[] = [];
  const hooks: Hooks = {};

  const produceBatch = async (input: ProduceBatchInput): Promise<ProducedBatch> => {
    sent.push(input);
    const fate = fates.shift() ?? 'ok';
    // An answer takes its time, so that records gather while a batch is under way.
    await clock.sleep(3);
    if (fate === 'ok') return inner.produceBatch(input);
    const unknown = new OutcomeUnknown('c0ffee', false);
    const apply = () => broker.produceBatch(input).catch(() => undefined);
    if (typeof fate === 'object') {
      void clock.sleep(fate.late).then(apply);
      throw unknown;
    }
    if (fate === 'applied' || fate === 'hang' || fate === 'crash') await apply();
    if (fate === 'hang') await new Promise(() => undefined);
    if (fate === 'bug') throw new TypeError('a bug');
    if (fate === 'lost' || fate === 'applied' || fate === 'hang') throw unknown;
    throw new ProtocolError(fate === 'crash' ? 'UNKNOWN_SERVER_ERROR' : fate);
  };

  const transport: Transport = { ...inner, produceBatch };
  const hooked = new Proxy(transport, {
    get: (target, name) => Reflect.get(hooks, name) ?? Reflect.get(target, name),
  });
  const client = new LogClient(hooked, { clock, random: new Seeded(seed) });
  return { ...started, client, transport, fates, sent, hooks };
}

/** How it ended: the offset, or the error's name of Kafka's, or its own. */
export const ended = (work: Promise<Delivery>): Promise<string> =>
  work.then(
    ({ offset }) => String(offset),
    (error: unknown) =>
      error instanceof ProtocolError && !(error instanceof OutcomeUnknown)
        ? error.kafka
        : (error as Error).name,
  );
