import { httpFunction } from '../../functions/http-function.ts';
import { assemble } from '../../functions/start.ts';
import type { Parts } from '../../functions/start.ts';
import type { GatewayResult } from '../../lib/http/lambda-result.ts';
import type { Route } from '../../lib/http/route.ts';
import type { Environment } from '../../lib/ports/environment.ts';
import { memoryEnv, otherProcess } from '../engine/memory-env.ts';
import { VirtualClock } from '../engine/virtual-clock.ts';
import { contextOf, httpEvent } from './events.ts';
import type { Call, Handler } from './events.ts';

/** A deployment in memory, on a clock that costs no time. */
export class Deployed {
  readonly clock = new VirtualClock();
  readonly stores = memoryEnv({ clock: this.clock });

  /** A cold process. */
  parts(change: (env: Environment) => Environment = (env) => env): Parts {
    return assemble(change(otherProcess(this.stores)), { deployment: 'd' }, () => undefined);
  }

  function(group: Route['group'], change?: (env: Environment) => Environment): Handler {
    return httpFunction(group, this.parts(change));
  }

  /** One call of a function, which has so much time of Lambda's for it. */
  ask(handler: Handler, call: Call, timeoutMs = 25_000): Promise<GatewayResult> {
    const until = this.clock.monotonic() + timeoutMs;
    const context = contextOf(() => until - this.clock.monotonic());
    return this.clock.run(handler(httpEvent(call), context));
  }

  async createTopic(name: string, partitions = 1): Promise<void> {
    const admin = this.function('admin');
    const health = await this.ask(admin, { line: 'GET /health' });
    const { cluster_id: id } = JSON.parse(health.body) as { cluster_id: string };
    const created = await this.ask(admin, {
      line: `POST /v3/clusters/${id}/topics`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ topic_name: name, partitions_count: partitions }),
    });
    if (created.statusCode !== 201) throw new Error(created.body);
  }
}

/** A request that appends one record. */
export const append = (topic: string, value: string, partition = 0): Call => ({
  line: `POST /topics/${topic}/partitions/${partition}`,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ records: [{ value }] }),
});

/** A port of which some methods do something else. */
export function instead<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) =>
      Reflect.get(methods, name) ??
      (Reflect.get(target, name) as (...args: unknown[]) => unknown).bind(target),
  });
}
