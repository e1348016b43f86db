import type { LogConfig } from '../core/log/config.ts';
import type { PriceSheet } from '../core/log/placement.ts';
import type { LogReply, LogRequest } from '../core/log/requests.ts';
import type { Environment } from '../ports/environment.ts';
import type { Changes } from './changes.ts';
import type { Deadline } from './driver.ts';
import type { Sights } from './sights.ts';

/** What everything that works on logs shares within a process. */
export interface LogContext {
  readonly env: Environment;
  readonly config: LogConfig;
  readonly prices: PriceSheet;
  /** Kafka's `transactional.id.expiration.ms` / `producer.id.expiration.ms`: 24 hours. */
  readonly producerExpiryMs: number;
  readonly sights: Sights;
  readonly changes: Changes;
  readonly performLog: (request: LogRequest) => Promise<LogReply>;
  /** Of work that begins now. */
  readonly deadline: () => Deadline;
  /** For failures of work that nobody waits for. */
  readonly onError: (error: unknown) => void;
}
