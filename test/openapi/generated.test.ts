// Requests drawn from the description of the API by a tool that knows nothing else of it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../lib/http/routes.ts';
import { startLaptop } from '../conformance/laptop.ts';
import type { TestServer } from '../conformance/laptop.ts';
import { schemathesisRun } from './schemathesis.ts';
import type { Finding } from './schemathesis.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startLaptop();
});
afterAll(() => server.close());

/** The statuses that the requests of a route were answered with. */
function statusesOf(path: string, method: string, { exchanges }: Finding): Set<number> {
  const parts = path.split(/\{\w+\}/).map((part) => RegExp.escape(part));
  const pattern = new RegExp(`^${method} ${parts.join('(?!-[/?])[^/?]+')}(?:\\?|$)`);
  const own = exchanges.filter(({ line }) => pattern.test(line));
  return new Set(own.map(({ status }) => status));
}

test('every answer is as described, and none is a failure of the server', async () => {
  const options = ['--max-examples', '8', '--seed', '1', '--no-shrink'];
  const finding = await schemathesisRun({ url: server.url, options });
  const { code, output, exchanges } = finding;
  expect(code, output).toBe(0);
  // It has read the description already, and leaves its route out.
  const asked = routes.filter(({ operation }) => operation !== 'getDocument');
  expect(output).toMatch(new RegExp(`Tested:\\s+${asked.length}\\b`));
  expect(exchanges.filter(({ status }) => status >= 500)).toEqual([]);
  // What was drawn also reaches what is behind the checks of a request.
  const unreached = asked
    .filter(({ path, method, status }) => !statusesOf(path, method, finding).has(status))
    .map(({ operation }) => operation);
  expect(unreached).toEqual(['getReassignment']);
  console.log(`requests=${exchanges.length}`);
});

test('an answer that is not as described is found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tailrace-wrong-'));
  try {
    const served = await (await fetch(`${server.url}/openapi.json`)).text();
    const document = join(folder, 'openapi.json');
    const wrong = served.replace('"const":"ok"', '"const":"fine"');
    expect(wrong).not.toBe(served);
    await writeFile(document, wrong);
    const options = ['--include-operation-id', 'getHealth', '--max-examples', '1'];
    const { code, output } = await schemathesisRun({ url: server.url, document, options });
    expect(output).toContain('"fine" was expected');
    expect(code).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
