import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GroupReply, GroupRequest } from '../../lib/core/group/requests.ts';
import { memberKey, partitionKey } from '../../lib/core/group/group.ts';
import type { GroupState, Member, Ownership } from '../../lib/core/group/group.ts';
import { groupPerformer } from '../../lib/engine/perform-group.ts';
import type { MetadataTable } from '../../lib/ports/metadata-table.ts';
import { done } from '../../lib/ports/outcome.ts';
import { topicId } from '../../lib/std/brands.ts';
import { encodeGroupState, groupStateKey } from '../../lib/store/group-state.ts';
import { encodeOwnership, ownershipKey } from '../../lib/store/group-ownership.ts';
import { sampleMember, sampleOwnership, sampleTarget } from '../store/group-samples.ts';
import { memoryEnv } from './memory-env.ts';

type Perform = (request: GroupRequest) => Promise<GroupReply['outcome']>;

/** What machines of groups are promised of each request, on any table. */
export function describeGroupPerformer(
  name: string,
  open: () => Promise<{ readonly table: MetadataTable; readonly close: () => Promise<void> }>,
): void {
  describe(`requests of groups on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let group = '';
    let count = 0;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    beforeEach(() => {
      count += 1;
      group = `g #${count}`;
    });

    /** Of one call: what it has seen is its own. */
    const call = (): Perform => {
      const perform = groupPerformer(memoryEnv({ table: opened.table }));
      return async (request) => {
        const reply = await perform(request);
        expect(reply.kind).toBe(request.kind);
        return reply.outcome;
      };
    };
    const stateOf = (epoch: number): GroupState => ({
      group,
      epoch,
      target: `t${epoch}`,
      sinceMs: 5,
      members: 1,
    });
    const memberOf = (version: number, epoch = 1): Member => ({
      ...sampleMember,
      group,
      key: memberKey('m:one', epoch),
      memberId: 'one',
      entries: [],
      version,
    });
    const ownershipOf = (version: number): Ownership => ({ ...sampleOwnership, group, version });

    test('a state is put on the version before, and first where nothing lies', async () => {
      const perform = call();
      expect(await perform({ kind: 'get-state', group })).toEqual(done(undefined));
      expect(await perform({ kind: 'put-state', state: stateOf(2) })).toEqual({
        kind: 'condition-failed',
        item: undefined,
      });
      expect(await perform({ kind: 'put-state', state: stateOf(1) })).toEqual(done(undefined));
      expect(await perform({ kind: 'put-state', state: stateOf(1) })).toEqual({
        kind: 'condition-failed',
        item: stateOf(1),
      });
      expect(await perform({ kind: 'put-state', state: stateOf(2) })).toEqual(done(undefined));
      expect(await call()({ kind: 'get-state', group })).toEqual(done(stateOf(2)));
    });

    test('a join is both or neither', async () => {
      const perform = call();
      const member = memberOf(0);
      const join = { kind: 'join', state: stateOf(1), member } as const;
      expect(await perform(join)).toEqual(done(undefined));
      expect(await perform({ kind: 'get-state', group })).toEqual(done(stateOf(1)));
      expect(await perform({ kind: 'query-members', group })).toEqual(done([member]));
      expect(await perform(join)).toMatchObject({ kind: 'conditions-failed' });
      const other = { ...member, key: memberKey('m:two', 1) };
      expect(await perform({ ...join, member: other })).toMatchObject({
        kind: 'conditions-failed',
      });
      expect(await perform({ kind: 'join', state: stateOf(2), member })).toMatchObject({
        kind: 'conditions-failed',
      });
      expect(await perform({ kind: 'get-state', group })).toEqual(done(stateOf(1)));
      expect(await perform({ kind: 'query-members', group })).toEqual(done([member]));
    });

    test('a target comes back whole, is listed, and goes whole', async () => {
      const perform = call();
      const target = { ...sampleTarget, group };
      const { epoch, id } = target;
      const get = { kind: 'get-target', group, epoch, id } as const;
      expect(await perform(get)).toEqual(done(undefined));
      expect(await perform({ kind: 'put-target', target })).toEqual(done(undefined));
      const later = { ...target, epoch: epoch + 1, id: 'later' };
      expect(await perform({ kind: 'put-target', target: later })).toEqual(done(undefined));
      expect(await perform(get)).toEqual(done(target));
      expect(await perform({ kind: 'query-targets', group, upTo: epoch })).toEqual(
        done([{ epoch, id }]),
      );
      const all = await perform({ kind: 'query-targets', group, upTo: epoch + 1 });
      expect(all).toEqual(
        done([
          { epoch, id },
          { epoch: epoch + 1, id: 'later' },
        ]),
      );
      expect(await perform({ kind: 'delete-target', group, epoch, id })).toEqual(done(undefined));
      expect(await perform(get)).toEqual(done(undefined));
      expect(await perform({ kind: 'delete-target', group, epoch, id })).toEqual(done(undefined));
    });

    test('a target of many parts comes back whole, or not at all', async () => {
      const perform = call();
      const partitions = Array.from({ length: 4_000 }, (_, i) =>
        partitionKey(topicId('Zm9vYmFyYmF6cXV4MTIzNA'), i),
      );
      const keys = Array.from({ length: 20 }, (_, i) => memberKey(`m:${String(i).padStart(2)}`, 1));
      const target = {
        group,
        epoch: 3,
        id: 'large',
        members: keys.map((key) => ({ key, partitions })),
      };
      expect(await perform({ kind: 'put-target', target })).toEqual(done(undefined));
      const get = { kind: 'get-target', group, epoch: 3, id: 'large' } as const;
      expect(await perform(get)).toEqual(done(target));
      expect(await perform({ kind: 'query-targets', group, upTo: 3 })).toEqual(
        done([{ epoch: 3, id: 'large' }]),
      );
      const page = await opened.table.query(
        groupStateKey(group).pk,
        { from: 'A#', to: 'A$' },
        { limit: 2, consistent: true },
      );
      const [, second] = page.kind === 'done' ? page.value.items : [];
      if (second === undefined) throw new Error('expected parts');
      await opened.table.delete(second, { kind: 'any' });
      expect(await perform(get)).toEqual(done(undefined));
    });

    test('a member is found by its name, the newest of it', async () => {
      const perform = call();
      const find = { kind: 'find-member', group, name: 'm:one' } as const;
      expect(await perform(find)).toEqual(done(undefined));
      await perform({ kind: 'join', state: stateOf(1), member: memberOf(0) });
      await perform({ kind: 'join', state: stateOf(2), member: memberOf(0, 2) });
      const other = { ...memberOf(0, 3), key: memberKey('m:one-more', 3) };
      await perform({ kind: 'join', state: stateOf(3), member: other });
      expect(await perform(find)).toEqual(done(memberOf(0, 2)));
      expect(await perform({ kind: 'get-member', group, key: memberOf(0).key })).toEqual(
        done(memberOf(0)),
      );
    });

    test('a member is put on the version before, never where nothing lies, and deleted on its own', async () => {
      const perform = call();
      const put = (version: number) => perform({ kind: 'put-member', member: memberOf(version) });
      const nothing = { kind: 'condition-failed', item: undefined };
      expect(await put(1)).toEqual(nothing);
      await perform({ kind: 'join', state: stateOf(1), member: memberOf(0) });
      expect(await put(2)).toEqual({ kind: 'condition-failed', item: memberOf(0) });
      expect(await put(1)).toEqual(done(undefined));
      const remove = (version: number) =>
        perform({ kind: 'delete-member', member: memberOf(version) });
      expect(await remove(0)).toEqual({ kind: 'condition-failed', item: memberOf(1) });
      expect(await remove(1)).toEqual(done(undefined));
      expect(await put(2)).toEqual(nothing);
      expect(await perform({ kind: 'query-members', group })).toEqual(done([]));
    });

    test('an ownership is put on the version before, and first where nothing lies', async () => {
      const perform = call();
      const put = (version: number) =>
        perform({ kind: 'put-ownership', ownership: ownershipOf(version) });
      const get = { kind: 'get-ownership', group, of: sampleOwnership } as const;
      expect(await perform(get)).toEqual(done(undefined));
      expect(await put(1)).toEqual({ kind: 'condition-failed', item: undefined });
      expect(await put(0)).toEqual(done(undefined));
      expect(await put(0)).toEqual({ kind: 'condition-failed', item: ownershipOf(0) });
      expect(await put(1)).toEqual(done(undefined));
      expect(await perform(get)).toEqual(done(ownershipOf(1)));
      expect(await perform({ kind: 'query-ownerships', group })).toEqual(done([ownershipOf(1)]));
    });

    test.each(['read before', 'not read before'])(
      'fields of a newer release are kept: %s',
      async (how) => {
        const { table } = opened;
        const newer = { body: Buffer.from('{"v":1,"later":["x"]}') };
        const any = { kind: 'any' } as const;
        const state = encodeGroupState(stateOf(1));
        await table.put(
          { ...state, body: encodeGroupState(stateOf(1), { ...state, ...newer }).body },
          any,
        );
        const owned = encodeOwnership(ownershipOf(0));
        await table.put(
          { ...owned, body: encodeOwnership(ownershipOf(0), { ...owned, ...newer }).body },
          any,
        );
        const perform = call();
        if (how === 'read before') {
          await perform({ kind: 'get-state', group });
          await perform({ kind: 'query-ownerships', group });
        }
        await perform({ kind: 'put-state', state: stateOf(2) });
        await perform({ kind: 'join', state: stateOf(3), member: memberOf(0) });
        await perform({ kind: 'put-ownership', ownership: ownershipOf(1) });
        for (const key of [groupStateKey(group), ownershipKey(group, sampleOwnership)]) {
          const read = await table.get(key, { consistent: true });
          const body = read.kind === 'done' ? read.value?.body : undefined;
          expect(JSON.parse(Buffer.from(body ?? []).toString())).toMatchObject({ later: ['x'] });
        }
        expect(await perform({ kind: 'get-state', group })).toEqual(done(stateOf(3)));
      },
    );

    test('a wait is a wait', async () => {
      expect(await call()({ kind: 'wait', ms: 50 })).toEqual(done(undefined));
    });
  });
}
