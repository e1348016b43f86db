import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { miniStack } from './emulator.ts';
import { installPython } from './python.ts';

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'tailrace-install-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

test('without a Python it says which one to install', async () => {
  vi.stubEnv('PATH', cache);
  await expect(installPython(miniStack, cache)).rejects.toThrow(
    /^expected Python 3.10 or newer; .* set AWS_ENDPOINT_URL .* found=none$/,
  );
});

test('without a network it says what to reach, and leaves nothing', async () => {
  vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:1/simple');
  vi.stubEnv('PIP_FIND_LINKS', '');
  vi.stubEnv('PIP_RETRIES', '0');
  await expect(installPython(miniStack, cache)).rejects.toThrow(
    /make PyPI reachable .* output=.*No matching distribution/s,
  );
  expect(readdirSync(cache)).toEqual([]);
});
