import { groupJob, nextLookMs } from '../core/group/listed-group.ts';
import type { EmptySince, ListedGroup } from '../core/group/listed-group.ts';
import type { Environment } from '../ports/environment.ts';
import type { Item } from '../ports/metadata-table.ts';
import { encodeDue } from '../store/due.ts';
import {
  decodeListedGroup,
  encodeListedGroup,
  groupsPk,
  groupSubject,
  listedGroupKey,
  listedGroupsRange,
} from '../store/group-listing.ts';
import type { Deadline } from './driver.ts';
import { queryAll } from './outcomes.ts';
import { noAnswer, readUntilAnswered, writeUntilAnswered } from './until-answered.ts';

/**
 * The list of groups, and what makes that each is looked at from time to time. Whoever writes into
 * a group that may be empty lists it before and after: what a deletion takes away between the two
 * comes back.
 */
export class GroupList {
  readonly #env: Environment;
  readonly #deadline: () => Deadline;

  constructor(env: Environment, deadline: () => Deadline) {
    this.#env = env;
    this.#deadline = deadline;
  }

  /** In the order of their names, percent-encoded. */
  async all(): Promise<readonly ListedGroup[]> {
    const items = await readUntilAnswered(this.#env, this.#deadline(), () =>
      queryAll(this.#env.table, groupsPk, listedGroupsRange),
    );
    return items.map(decodeListedGroup);
  }

  /** Undefined: it is not in the list. */
  async find(group: string): Promise<ListedGroup | undefined> {
    const item = await this.#read(group);
    return item === undefined ? undefined : decodeListedGroup(item);
  }

  /** Sees to it that it is in the list, and due: 1 read, as a rule. KAFKA_STORAGE_ERROR. */
  async announce(group: string): Promise<void> {
    if ((await this.#read(group)) !== undefined) return;
    await this.putDue(group);
    const version = Math.floor(this.#env.random.next() * 2 ** 48);
    const item = encodeListedGroup({ group, empty: undefined, version });
    await this.#write(() => this.#env.table.put(item, { kind: 'absent' }));
  }

  /** Due at the next point of the grid. KAFKA_STORAGE_ERROR. */
  async putDue(group: string): Promise<void> {
    const dueMs = nextLookMs(this.#env.clock.serviceNow());
    const item = encodeDue({ dueMs, what: `${groupJob}#${groupSubject(group)}`, version: 0 });
    await this.#write(() => this.#env.table.put(item, { kind: 'any' }));
  }

  /** Notes since when it is as it is. Who comes late is found by the next look. */
  async note({ group, version }: ListedGroup, empty: EmptySince | undefined): Promise<void> {
    const before = await this.#read(group);
    if (before?.version !== version) return;
    const item = encodeListedGroup({ group, empty, version: version + 1 }, before);
    await this.#write(() => this.#env.table.put(item, { kind: 'version', version }));
  }

  /** Takes it from the list, on the version that was read. Look again afterwards, and announce. */
  async remove({ group, version }: ListedGroup): Promise<void> {
    const key = listedGroupKey(group);
    await this.#write(() => this.#env.table.delete(key, { kind: 'version', version }));
  }

  #read(group: string): Promise<Item | undefined> {
    const { table } = this.#env;
    return readUntilAnswered(this.#env, this.#deadline(), () =>
      table.get(listedGroupKey(group), { consistent: true }),
    );
  }

  async #write(call: Parameters<typeof writeUntilAnswered>[2]): Promise<void> {
    const outcome = await writeUntilAnswered(this.#env, this.#deadline(), call);
    // A condition that fails says that somebody else was faster, which is as good.
    if (outcome.kind !== 'done' && outcome.kind !== 'condition-failed')
      throw noAnswer(outcome.kind);
  }
}
