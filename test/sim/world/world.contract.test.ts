import { createMemoryObjects } from '../../../lib/adapters/memory/objects.ts';
import { describeMetadataTable } from '../../adapters/metadata-table.contract.ts';
import { describeObjectStore } from '../../adapters/object-store.contract.ts';
import { Seeded } from '../../engine/seeded.ts';
import { Host } from './host.ts';
import { drawMix } from './mix.ts';
import { Network } from './network.ts';
import { Scheduler } from './scheduler.ts';
import { simObjects } from './sim-objects.ts';
import { simTable } from './sim-table.ts';
import { TableStore } from './table-store.ts';
import { Trace } from './trace.ts';

/** What a host sees when nothing goes wrong; time passes whenever somebody waits. */
function calm() {
  const mix = drawMix(new Seeded(1), 'logs');
  const scheduler = new Scheduler();
  const trace = new Trace(false, () => scheduler.nowMs);
  const network = new Network(scheduler, new Seeded(2), mix, trace);
  const host = new Host('p1', scheduler, trace, { skewMs: 0, stops: false, knows: 1 });
  return { mix, scheduler, network, host };
}

/** The store, with the scheduler running as long as a call is under way. */
function pumped<T extends object>(store: T, scheduler: Scheduler): T {
  let running = Promise.resolve();
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(method, target, args);
        running = running.then(() => scheduler.drain());
        return answer;
      };
    },
  });
}

const close = async (): Promise<void> => undefined;

describeMetadataTable('simulated', async () => {
  const { mix, scheduler, network, host } = calm();
  const table = simTable(host, network, new TableStore(scheduler, 0), mix);
  return { store: pumped(table, scheduler), close };
});

describeObjectStore('simulated', async () => {
  const { mix, scheduler, network, host } = calm();
  const objects = simObjects(host, network, createMemoryObjects(), mix);
  return { store: pumped(objects, scheduler), close };
});
