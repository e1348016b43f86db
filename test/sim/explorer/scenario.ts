import type { LogConfig } from '../../../lib/core/log/config.ts';
import type { Op } from './process.ts';

export interface Program {
  readonly ops: readonly Op[];
  /** Its time may be up once, at any moment. */
  readonly mayExpire?: boolean;
  /** It may vanish at any moment, with its requests under way. */
  readonly mayDie?: boolean;
}

/** A small world to be explored through and through. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly config: LogConfig;
  /** Run alone and without faults before everything else. */
  readonly before?: readonly Op[];
  readonly processes: readonly Program[];
  /** Calls that may go wrong: answer lost, late, or refused. */
  readonly faults: number;
  /** Calls that may go wrong; all writes by default. */
  readonly faulty?: readonly string[];
  /** Faults also refuse calls without doing anything, reads too. */
  readonly refusals?: boolean;
  /** The hint may be answered as absent, as old or as ahead, at each read. */
  readonly hintLies?: boolean;
  /** A query reads its items one after the other, at different moments. */
  readonly torn?: boolean;
  /** More than this are not visited. */
  readonly statesMax?: number;
}
