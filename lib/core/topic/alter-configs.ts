import { configError, validateConfigs } from './validate-configs.ts';
import type { ConfigError, ConfigsResult } from './validate-configs.ts';
import { listElements } from './config-value.ts';
import { topicConfig } from './topic-configs.ts';

/** One operation of IncrementalAlterConfigs (KIP-339). `value` does not matter to DELETE. */
export interface AlterConfigOp {
  readonly name: string;
  readonly op: 'SET' | 'DELETE' | 'APPEND' | 'SUBTRACT';
  readonly value: string | null;
}

/**
 * The overrides after all operations, or why none of them is done. APPEND and SUBTRACT take lists
 * only, start from the default where there is no override, and leave an override behind. APPEND
 * adds what is not there yet; SUBTRACT of what is not there does nothing. DELETE goes back to the
 * default, and of an unknown name does nothing. A name occurs in at most one operation.
 * Deviation: remote.storage.enable may be switched off without remote.log.delete.on.disable, since
 * nothing is deleted by that here.
 */
export function alterConfigs(
  current: Readonly<Record<string, string>>,
  ops: readonly AlterConfigOp[],
): ConfigsResult {
  const next = new Map(Object.entries(current));
  const seen = new Set<string>();
  const errors: ConfigError[] = [];
  for (const op of ops) {
    if (seen.has(op.name)) {
      errors.push(configError(op.name, op.value, 'expected one operation per name, got another'));
    }
    seen.add(op.name);
    const error = alterOne(next, op);
    if (error !== undefined) errors.push(error);
  }
  return errors.length === 0 ? validateConfigs(Object.fromEntries(next)) : { ok: false, errors };
}

function alterOne(next: Map<string, string>, { name, op, value }: AlterConfigOp) {
  if (op === 'DELETE') {
    next.delete(name);
    return undefined;
  }
  if (value === null) return configError(name, value, `expected a value for ${op}, got none`);
  if (op === 'SET') {
    next.set(name, value);
    return undefined;
  }
  const config = topicConfig(name);
  if (config?.type !== 'list') {
    return configError(name, value, `expected a list to ${op}, got a ${config?.type ?? 'unknown'}`);
  }
  const elements = listElements(next.get(name) ?? config.default);
  for (const element of listElements(value)) {
    const at = elements.indexOf(element);
    if (op === 'APPEND' && at < 0) elements.push(element);
    if (op === 'SUBTRACT' && at >= 0) elements.splice(at, 1);
  }
  next.set(name, elements.join(','));
  return undefined;
}
