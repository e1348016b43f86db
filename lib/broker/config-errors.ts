import type { ConfigsResult } from '../core/topic/validate-configs.ts';
import { ProtocolError } from '../protocol/errors.ts';

/** The configs, or INVALID_CONFIG with every wrong entry in the message. */
export function checkConfigs(result: ConfigsResult): Record<string, string> {
  if (result.ok) return result.configs;
  const message = result.errors.map((error) => error.message).join('; ');
  throw new ProtocolError('INVALID_CONFIG', message);
}
