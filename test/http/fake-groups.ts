import type { GroupBroker } from '../../lib/broker/group-types.ts';

type Method = keyof GroupBroker;
type Answers = { -readonly [Name in Method]?: Awaited<ReturnType<GroupBroker[Name]>> | Error };

/** Groups that answer what they are told, or throw it: enough for tests of a door. */
export class FakeGroups implements GroupBroker {
  readonly told: Answers = {};
  /** Every call, with what it was given. */
  readonly asked: { readonly method: Method; readonly args: readonly unknown[] }[] = [];

  readonly heartbeat: GroupBroker['heartbeat'] = (...args) => this.#answer('heartbeat', args);
  readonly commitOffsets: GroupBroker['commitOffsets'] = (...args) =>
    this.#answer('commitOffsets', args);
  readonly fetchOffsets: GroupBroker['fetchOffsets'] = (...args) =>
    this.#answer('fetchOffsets', args);
  readonly listGroups: GroupBroker['listGroups'] = (...args) => this.#answer('listGroups', args);
  readonly describeGroup: GroupBroker['describeGroup'] = (...args) =>
    this.#answer('describeGroup', args);
  readonly groupLag: GroupBroker['groupLag'] = (...args) => this.#answer('groupLag', args);
  readonly deleteGroup: GroupBroker['deleteGroup'] = (...args) => this.#answer('deleteGroup', args);
  readonly deleteOffsets: GroupBroker['deleteOffsets'] = (...args) =>
    this.#answer('deleteOffsets', args);
  readonly resetOffsets: GroupBroker['resetOffsets'] = (...args) =>
    this.#answer('resetOffsets', args);

  async #answer<Name extends Method>(
    method: Name,
    args: readonly unknown[],
  ): Promise<Awaited<ReturnType<GroupBroker[Name]>>> {
    this.asked.push({ method, args });
    const told = this.told[method];
    if (told instanceof Error) throw told;
    if (told === undefined && method !== 'deleteGroup')
      throw new Error(`nothing told of ${method}`);
    return told as Awaited<ReturnType<GroupBroker[Name]>>;
  }
}
