import type { InstanceReply, InstanceRequest } from '../core/instance/change.ts';
import type { Instance } from '../core/instance/instance.ts';
import type { Environment } from '../ports/environment.ts';
import { done } from '../ports/outcome.ts';
import type { ReadOutcome } from '../ports/outcome.ts';
import { groupPk } from '../store/group-pk.ts';
import { decodeInstance, encodeInstance, instanceKey, instancesRange } from '../store/instance.ts';
import { mapItem, mapRead, queryAll } from './outcomes.ts';

/** What changes of instances ask for, as calls on the table. */
export async function performInstance(
  { table, clock, random }: Environment,
  request: InstanceRequest,
): Promise<InstanceReply> {
  switch (request.kind) {
    case 'get-instance': {
      const key = instanceKey(request.group, request.name);
      const read = await table.get(key, { consistent: true });
      return { kind: 'get-instance', outcome: mapRead(read, decodeInstance) };
    }
    case 'put-instance': {
      const { instance, over } = request;
      const condition =
        over === undefined
          ? ({ kind: 'absent' } as const)
          : ({ kind: 'version', version: over } as const);
      const outcome = await table.put(encodeInstance(instance), condition);
      return { kind: 'put-instance', outcome: mapItem(outcome, decodeInstance) };
    }
    case 'delete-instance': {
      const { group, name, over } = request;
      const condition = { kind: 'version', version: over } as const;
      const outcome = await table.delete(instanceKey(group, name), condition);
      return { kind: 'delete-instance', outcome: mapItem(outcome, decodeInstance) };
    }
    case 'wait':
      await clock.sleep(random.next() * request.ms);
      return { kind: 'wait', outcome: done(undefined) };
  }
}

/** All of a group: not a snapshot. */
export async function queryInstances(
  { table }: Environment,
  group: string,
): Promise<ReadOutcome<readonly Instance[]>> {
  const found = await queryAll(table, groupPk(group), instancesRange);
  return found.kind === 'done' ? done(found.value.map((item) => decodeInstance(item))) : found;
}
