import type { Engine } from '../engine/engine.ts';
import type { Sticky } from './sticky.ts';

/** What the API files of this folder share. */
export interface BrokerContext {
  readonly engine: Engine;
  readonly sticky: Sticky;
}
