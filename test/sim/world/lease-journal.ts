import type { Lease } from '../../../lib/core/lease/lease-machine.ts';
import type { Item, ItemKey } from '../../../lib/ports/metadata-table.ts';
import { decodeLease } from '../../../lib/store/lease.ts';
import type { History } from '../checker/history.ts';
import { guardedPk, writeIn } from './guarded.ts';

/**
 * The world's own record of leases: who takes one has let it stand still for all its time, each
 * owner's number is higher than all before; and of what was written under them.
 */
export class LeaseJournal {
  readonly #history: History;
  readonly #moment: () => number;
  readonly #nowMs: () => number;
  readonly #leases = new Map<string, { readonly lease: Lease; readonly sinceMs: number }>();

  constructor(history: History, moment: () => number, nowMs: () => number) {
    this.#history = history;
    this.#moment = moment;
    this.#nowMs = nowMs;
  }

  /** Told of every change of the table. */
  see({ pk }: ItemKey, item: Item | undefined): void {
    if (item === undefined) return;
    if (pk.startsWith(guardedPk)) {
      this.#history.groups.guarded.push({ ...writeIn(item), moment: this.#moment() });
    }
    if (pk.startsWith('L#')) this.#seeLease(decodeLease(item));
  }

  #seeLease(lease: Lease): void {
    const before = this.#leases.get(lease.name);
    const sinceMs = this.#nowMs();
    this.#leases.set(lease.name, { lease, sinceMs });
    if (before === undefined || lease.owner === '') return;
    const was = before.lease;
    if (lease.owner === was.owner) return;
    const wrong = (rule: string, what: string): void => {
      this.#history.wrong.push({ rule, detail: `${lease.name}: ${what}` });
    };
    if (lease.epoch <= was.epoch) wrong('lease epoch', `${lease.epoch} after ${was.epoch}`);
    const stoodMs = sinceMs - before.sinceMs;
    if (was.owner === '' || stoodMs >= was.durationMs) return;
    wrong('lease taken', `after ${stoodMs.toFixed(0)} ms of ${was.durationMs}`);
  }
}
