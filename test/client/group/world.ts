import { brokerTransport } from '../../../lib/client/broker-transport.ts';
import { LogClient } from '../../../lib/client/client.ts';
import type { Client } from '../../../lib/client/types.ts';
import type { Transport } from '../../../lib/client/transport.ts';
import { OutcomeUnknown } from '../../../lib/engine/outcome-unknown.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import type { Started } from '../../broker/setup.ts';
import { record, startBroker } from '../../broker/setup.ts';
import { Seeded } from '../../engine/seeded.ts';

/**
 * What becomes of one heartbeat or commit. `lost`: not applied, no answer. `applied`: applied, no
 * answer. `late`: no answer, and applied so many ms later. `slow`: applied at once, answered so many
 * ms later. `twice`: applied and answered, and a copy lands so many ms later.
 */
export type Fate =
  | 'ok'
  | 'lost'
  | 'applied'
  | 'refused'
  | { readonly late: number }
  | { readonly slow: number }
  | { readonly twice: number };

export interface Process {
  readonly client: Client;
  readonly transport: Transport;
  /** Of the calls to come; `ok` when there are none left. */
  readonly fates: Fate[];
  /** Nothing of it arrives any more. */
  readonly cutOff: () => void;
  /** Every heartbeat that was sent. */
  readonly beats: Parameters<Transport['heartbeat']>[0][];
  /** Every call of `commitOffsets`. */
  readonly commits: Parameters<Transport['commitOffsets']>[0][];
}

export interface World extends Started {
  readonly process: () => Process;
}

/** A topic `t` with so many partitions, each with so many records; its consumers come as processes. */
export async function startWorld(partitions: number, each: number): Promise<World> {
  const started = startBroker();
  const { broker, clock } = started;
  await broker.createTopic({ name: 't', partitions });
  for (let partition = 0; partition < partitions; partition += 1) {
    if (each === 0) continue;
    const records = Array.from({ length: each }, (_, i) => ({
      ...record(`${partition}/${i}`),
      partition,
    }));
    await clock.run(broker.produce({ topic: 't', records }));
  }
  let seed = 0;
  return {
    ...started,
    process: () => {
      seed += 1;
      return startProcess(started, seed);
    },
  };
}

function startProcess({ broker, clock }: Started, seed: number): Process {
  const inner = brokerTransport(broker, async () => undefined);
  const fates: Fate[] = [];
  const beats: Process['beats'] = [];
  const commits: Process['commits'] = [];

  let isCutOff = false;
  async function meet<T>(apply: () => Promise<T>): Promise<T> {
    const fate = isCutOff ? 'refused' : (fates.shift() ?? 'ok');
    await clock.sleep(1);
    const unknown = new OutcomeUnknown('c0ffee', false);
    const landing = (ms: number): void =>
      void clock.sleep(ms).then(() => apply().then(ignored, ignored));
    if (fate === 'ok') return apply();
    if (fate === 'refused') throw new ProtocolError('NETWORK_EXCEPTION');
    if (fate === 'lost') throw unknown;
    if (fate === 'applied') {
      await apply();
      throw unknown;
    }
    if ('late' in fate) {
      landing(fate.late);
      throw unknown;
    }
    const answer = await apply();
    if ('twice' in fate) landing(fate.twice);
    else await clock.sleep(fate.slow);
    return answer;
  }

  const transport: Transport = {
    ...inner,
    heartbeat: (input) => {
      beats.push(input);
      return meet(() => broker.heartbeat(input));
    },
    commitOffsets: (input) => {
      commits.push(input);
      return meet(() => broker.commitOffsets(input));
    },
  };
  const client = new LogClient(transport, { clock, random: new Seeded(seed) });
  const cutOff = (): void => {
    isCutOff = true;
  };
  return { client, transport, fates, cutOff, beats, commits };
}

const ignored = (): void => undefined;
