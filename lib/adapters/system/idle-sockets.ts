import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';

/** A socket that was idle for longer is not used again. */
const idleMsMax = 5_000;
/** Requests under way at once, per endpoint; more wait for a socket. */
const socketsMax = 128;

/**
 * Keep-alive connections, none of which is used again after a pause. While a function is frozen
 * the other side closes its sockets and nobody notices; a write sent on such a socket ends
 * indeterminate. Timers do not help: they are frozen too, and on thawing run after the request.
 */
export class IdleSockets {
  readonly httpAgent = new HttpAgent({ keepAlive: true, maxSockets: socketsMax });
  readonly httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: socketsMax });
  readonly #idleSince = new WeakMap<Duplex, number>();
  readonly #now: () => number;

  /** `now` is the wall clock: a monotonic one may stand still while the process is frozen. */
  constructor(now: () => number) {
    this.#now = now;
    for (const agent of [this.httpAgent, this.httpsAgent]) {
      const keep = agent.keepSocketAlive.bind(agent);
      agent.keepSocketAlive = (socket) => {
        this.#idleSince.set(socket, this.#now());
        // Declared void; what it returns says whether the socket is kept.
        return keep(socket);
      };
    }
  }

  /** Closes what has been idle for too long. To be called before each request. */
  drop(): void {
    const now = this.#now();
    for (const agent of [this.httpAgent, this.httpsAgent]) {
      for (const sockets of Object.values(agent.freeSockets)) {
        for (const socket of sockets ?? []) {
          const idleMs = now - (this.#idleSince.get(socket) ?? now);
          // A clock that went back says nothing about how long it was.
          if (idleMs < 0 || idleMs > idleMsMax) socket.destroy();
        }
      }
    }
  }

  close(): void {
    this.httpAgent.destroy();
    this.httpsAgent.destroy();
  }
}
