import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createMemoryTable } from '../../lib/adapters/memory/table.ts';
import type { Condition, Item, MetadataTable, Operation } from '../../lib/ports/metadata-table.ts';
import { openTemporary } from './directories.ts';
import { itemWith, shown } from './items.ts';

type Call =
  | Operation
  | {
      readonly kind: 'append';
      readonly sk: string;
      readonly version: number;
      readonly command: Uint8Array;
    }
  | { readonly kind: 'transact'; readonly operations: readonly Operation[] }
  | {
      readonly kind: 'query';
      readonly from: string;
      readonly to: string;
      readonly limit: number;
      readonly reverse: boolean;
    };

const sortKeys = ['a', '\uffff', '\u{1f600}', 'a\u0000'];
const sk = fc.constantFrom(...sortKeys);
// Few values of each: what matters is how often they meet.
const version = fc.integer({ min: -1, max: 1 });
const bytes = fc.uint8Array({ maxLength: 3 });
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant<Condition>({ kind: 'any' }),
  fc.constant<Condition>({ kind: 'absent' }),
  fc.record({ kind: fc.constant('version' as const), version }),
  fc.record({ kind: fc.constant('absent-or-below' as const), version }),
);
const item = fc
  .record({
    sk,
    version,
    body: bytes,
    appended: fc.array(bytes, { maxLength: 2 }),
    limit: fc.integer({ min: -1, max: 4 }),
  })
  .map(itemWith);
const key = sk.map((text) => ({ pk: 'p', sk: text }));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), item, condition }),
  fc.record({ kind: fc.constant('delete' as const), key, condition }),
  fc.record({ kind: fc.constant('check' as const), key, condition }),
);
const keyOf = (o: Operation): string => (o.kind === 'put' ? o.item.sk : o.key.sk);
const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 3, arbitrary: operation },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('append' as const), sk, version, command: bytes }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('transact' as const),
      operations: fc.uniqueArray(operation, { minLength: 1, maxLength: 5, selector: keyOf }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('query' as const),
      from: sk,
      to: sk,
      limit: fc.integer({ min: 1, max: 4 }),
      reverse: fc.boolean(),
    }),
  },
);

const hold = (rule: Condition, found: Item | undefined): boolean => {
  if (rule.kind === 'any') return true;
  if (rule.kind === 'version') return found?.version === rule.version;
  return found === undefined || (rule.kind === 'absent-or-below' && found.version < rule.version);
};

/** The table as a map, written from the port's words alone. */
class Model {
  readonly items = new Map<string, Item>();

  run(step: Call): unknown {
    if (step.kind === 'query') return this.#query(step);
    if (step.kind === 'append') {
      const found = this.items.get(step.sk);
      if (found?.version !== step.version || found.bytes > found.limit) return failed(found);
      const { bytes: sum, appended } = found;
      const next = {
        ...found,
        appended: [...appended, step.command],
        bytes: sum + step.command.length,
      };
      this.items.set(step.sk, next);
      return { kind: 'done', value: shown(next) };
    }
    const operations = step.kind === 'transact' ? step.operations : [step];
    const failures = operations.map((o) => {
      const found = this.items.get(keyOf(o));
      return hold(o.condition, found) ? undefined : failed(found);
    });
    if (failures.some((failure) => failure !== undefined)) {
      return step.kind === 'transact' ? { kind: 'conditions-failed', failures } : failures[0];
    }
    for (const o of operations) {
      if (o.kind === 'put') this.items.set(o.item.sk, o.item);
      if (o.kind === 'delete') this.items.delete(o.key.sk);
    }
    return { kind: 'done', value: undefined };
  }

  #query(step: Call & { readonly kind: 'query' }): unknown {
    const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    const inside = [...this.items.keys()]
      .filter((k) => order(k, step.from) >= 0 && order(k, step.to) <= 0)
      .toSorted(order);
    if (step.reverse) inside.reverse();
    return inside.slice(0, step.limit).map((k) => shown(this.items.get(k)));
  }
}

const failed = (found: Item | undefined) => ({ kind: 'condition-failed', item: shown(found) });

async function run(table: MetadataTable, step: Call): Promise<unknown> {
  if (step.kind === 'query') {
    const { from, to, limit, reverse } = step;
    const outcome = await table.query('p', { from, to }, { limit, reverse, consistent: true });
    return outcome.kind === 'done' ? outcome.value.items.map(shown) : outcome;
  }
  if (step.kind === 'append') {
    const outcome = await table.append({ pk: 'p', sk: step.sk }, step.version, step.command);
    if (outcome.kind === 'done') return { kind: 'done', value: shown(outcome.value) };
    return outcome.kind === 'condition-failed' ? failed(outcome.item) : outcome;
  }
  if (step.kind === 'put' || step.kind === 'delete') {
    const outcome = await (step.kind === 'put'
      ? table.put(step.item, step.condition)
      : table.delete(step.key, step.condition));
    return outcome.kind === 'condition-failed' ? failed(outcome.item) : outcome;
  }
  const outcome = await table.transact(step.kind === 'transact' ? step.operations : [step]);
  if (outcome.kind !== 'conditions-failed') return outcome;
  const failures = outcome.failures.map((failure) => failure && failed(failure.item));
  return step.kind === 'transact' ? { kind: 'conditions-failed', failures } : failures[0];
}

const embedded = await openTemporary();
afterAll(() => embedded.close());

test('any sequence of calls ends as in the model, in memory and embedded, also when sent at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 10, maxLength: 60 }), async (calls) => {
      const model = new Model();
      const memory = createMemoryTable();
      for (const k of sortKeys) {
        await embedded.table.delete({ pk: 'p', sk: k }, { kind: 'any' });
      }
      for (const step of calls) {
        const expected = model.run(step);
        expect(await run(memory, step)).toEqual(expected);
        expect(await run(embedded.table, step)).toEqual(expected);
      }
      // Writes that are sent at once share a group and still take effect one after the other.
      const writes = calls.filter((step) => step.kind !== 'query');
      const outcomes = await Promise.all(writes.map((step) => run(embedded.table, step)));
      expect(outcomes).toEqual(writes.map((step) => model.run(step)));
    }),
    { numRuns: 200 },
  );
});
