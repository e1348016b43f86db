import { inject } from 'vitest';
import { startLaptop } from './laptop.ts';
import type { TestServer } from './laptop.ts';

export type { TestServer } from './laptop.ts';

/**
 * What is under test: what the project has deployed, else `BASE_URL` if it is set, else a server of
 * our own on an empty directory.
 */
export async function startTestServer(): Promise<TestServer> {
  const deployment = inject('deployment');
  if (deployment !== undefined) return { ...deployment, close: () => Promise.resolve() };
  const base = process.env['BASE_URL'];
  // Without one of ours, vitest sets Vite's: a path.
  if (base?.startsWith('http') === true) {
    const given = base.replace(/\/$/, '');
    return { url: given, linkBase: given, close: () => Promise.resolve() };
  }
  return startLaptop();
}
