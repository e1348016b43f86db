import { changeInstance } from '../../core/instance/change.ts';
import type { Decision, Refused } from '../../core/instance/change.ts';
import { present } from '../../core/instance/decide.ts';
import type { Instance } from '../../core/instance/instance.ts';
import { drive } from '../../engine/driver.ts';
import { OutcomeUnknown } from '../../engine/outcome-unknown.ts';
import { performInstance } from '../../engine/perform-instance.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { must } from '../../std/assert.ts';
import type { BrokerContext } from '../context.ts';
import { InstanceError } from './instance-types.ts';
import type { InstanceName } from './instance-types.ts';

export interface Changed<T> {
  readonly told: T;
  readonly instance: Instance | undefined;
}

/** Below it a random number begins the versions of an instance: it never runs out. */
const firstVersionMax = 2 ** 50;

/** Reads, decides, puts; what is refused is thrown. `known`: as it was read already. */
export async function change<T>(
  { engine }: BrokerContext,
  { group, name }: InstanceName,
  decide: (found: Instance | undefined) => Decision<T>,
  known?: Instance,
): Promise<Changed<T>> {
  const { env } = engine;
  const by = env.ids.object();
  const result = await drive(
    changeInstance<T>(),
    {
      group,
      name,
      decide,
      by,
      nowMs: env.clock.serviceNow(),
      firstVersion: 1 + Math.floor(env.random.next() * firstVersionMax),
      ...(known === undefined ? {} : { known }),
    },
    (request) => performInstance(env, request),
    engine.deadline(),
  );
  switch (result.kind) {
    case 'told':
      return result;
    case 'refused':
      throw refusalOf(result);
    case 'unknown':
      throw new OutcomeUnknown(by, false);
    case 'expired':
      throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the table does not answer; try again');
  }
}

export const refusalOf = ({ refusal }: Refused): InstanceError =>
  new InstanceError(refusal.reason, refusal.message);

/** Changes one that is there, and tells it as it is then. */
export async function changeOne(
  context: BrokerContext,
  of: InstanceName,
  decide: (instance: Instance) => Decision<undefined>,
): Promise<Instance> {
  const { instance } = await change(context, of, (found) => {
    const there = present(found, of.name);
    return there.kind === 'refused' ? there : decide(there.instance);
  });
  return must(instance, 'an instance that is there');
}

export const readOne = (context: BrokerContext, of: InstanceName): Promise<Instance> =>
  changeOne(context, of, () => ({ kind: 'keep', told: undefined }));

/** Puts what became of an instance. False: another call was faster, and nothing was put. */
export async function putOver(
  context: BrokerContext,
  before: Instance,
  after: Instance,
): Promise<boolean> {
  const { told } = await change<boolean>(
    context,
    before,
    (found) =>
      found?.version === before.version
        ? { kind: 'put', instance: after, told: true }
        : { kind: 'keep', told: false },
    before,
  );
  return told;
}
