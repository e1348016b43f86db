import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { must } from '../../lib/std/assert.ts';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { endServers, serve, TailraceProcess } from '../local/server-process.ts';
import { Log } from './log.ts';
import { done, Piped } from './tailrace.ts';
import { inTerminal } from './terminal.ts';

const log = new Log();
// What a failed test left behind.
afterAll(endServers);

/** Line by line, each unlike every other. */
const lineOf = (number: number): string => `line ${number} ${'x'.repeat(100)}\n`;

function* endless(): Generator<string> {
  for (let number = 1; ; number += 100) {
    yield Array.from({ length: 100 }, (_, at) => lineOf(number + at)).join('');
  }
}

const linesTo = (count: number): string =>
  Array.from({ length: count }, (_, at) => lineOf(at + 1)).join('');

/** The number behind --skip-lines that the command itself gives. */
function skipOf(stderr: string): number {
  return Number(must(/to go on: --skip-lines (\d+)$/mu.exec(stderr)?.[1], stderr));
}

async function isThere(topic: string): Promise<boolean> {
  const [bounds] = JSON.parse(await log.done(['offsets', topic, '--json'])) as { end: number }[];
  return must(bounds, 'the partition').end > 0;
}

describe('an interrupted produce', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s goes on without loss or duplicates', async (signal, exitCode) => {
    const topic = await log.topic();
    const producer = new Piped(['produce', topic], log.env);
    const input = Readable.from(endless());
    input.pipe(producer.child.stdin);
    while (!(await isThere(topic)));
    producer.child.kill(signal);
    const { code, stdout, stderr } = await producer.ended;
    input.destroy();
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    const skip = skipOf(stderr);
    expect(stderr).toMatch(
      new RegExp(
        `^acknowledged ${skip} records, \\d+ bytes; interrupted by ${signal}\n` +
          `lines 1 to ${skip} are acknowledged; to go on: --skip-lines ${skip}\n$`,
        'u',
      ),
    );
    const whole = linesTo(skip + 1_000);
    const again = await log.run(['produce', topic, '--skip-lines', String(skip)], whole);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toMatch(/^acknowledged 1000 records/u);
    expect(await log.done(['consume', topic, '--until-end'])).toBe(whole);
  });

  // `script` has other options elsewhere.
  test.runIf(process.platform === 'linux')(
    'by ^C in the midst of a pipe on a terminal, behind its progress',
    async () => {
      const topic = await log.topic();
      let isTyped = false;
      const { code, text } = await inTerminal(['produce', topic], {
        env: log.env,
        before: `yes '${'x'.repeat(50)}' |`,
        type: (screen) => {
          if (isTyped || !screen.includes('B/s')) return undefined;
          isTyped = true;
          return '\u0003';
        },
      });
      expect(code).toBe(130);
      expect(text).toMatch(/\r\d+ records {2}[\d.]+ \w*B {2}\d+ records\/s {2}[\d.]+ \w*B\/s/u);
      const screens = text.split(/[\r\n]/u);
      expect(screens.filter((line) => line.length > 80)).toEqual([]);
      const skip = skipOf(text);
      const records = text.match(/acknowledged (\d+) records/u)?.[1];
      expect(Number(records)).toBe(skip);
      const [bounds] = JSON.parse(await log.done(['offsets', topic, '--json'])) as object[];
      expect(bounds).toMatchObject({ end: skip });
    },
  );
});

test('a server that is killed and comes back costs time, no record and no duplicate', async () => {
  const directory = temporaryDirectory();
  const data = join(directory, 'data');
  const first = serve(data);
  const url = await first.url();
  const to = ['--server', url];
  await done(['topic', 'create', 'killed', ...to]);
  const producer = new Piped(['produce', 'killed', ...to]);
  const input = Readable.from(endless());
  input.pipe(producer.child.stdin);
  const end = async (): Promise<number> => {
    const [bounds] = JSON.parse(await done(['offsets', 'killed', '--json', ...to])) as {
      end: number;
    }[];
    return must(bounds, 'the partition').end;
  };
  while ((await end()) === 0);
  await first.signal('SIGKILL');
  const again = new TailraceProcess(['serve', '--data', data, '--port', new URL(url).port]);
  expect(await again.url()).toBe(url);
  const before = await end();
  while ((await end()) === before);
  producer.child.kill('SIGINT');
  const { code, stderr } = await producer.ended;
  input.destroy();
  expect(code).toBe(130);
  expect(await done(['consume', 'killed', '--until-end', ...to])).toBe(linesTo(skipOf(stderr)));
  await again.signal('SIGTERM');
  remove(directory);
});

/** A server that knows a topic of one partition, and never answers who produces to it. */
async function silentServer(): Promise<{ url: string; asked: () => boolean; close: () => void }> {
  let asked = false;
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      const headers = { 'content-type': 'application/json', 'x-request-id': 'one' };
      response.writeHead(200, headers).end('[{"partition":0,"leader":0,"replicas":[]}]');
    } else {
      asked = true;
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('without an answer', () => {
  test('unknown is told apart from failed, and the input is not read on', async () => {
    const server = await silentServer();
    const producer = new Piped(['produce', 'silent', '--timeout', '2s', '--server', server.url]);
    let given = 0;
    const input = Readable.from(endless()).map((chunk: string) => {
      given += chunk.length;
      return chunk;
    });
    input.pipe(producer.child.stdin);
    const { code, stderr } = await producer.ended;
    input.destroy();
    server.close();
    expect(code).toBe(3);
    expect(stderr).toMatch(/^tailrace: line 1 unknown: REQUEST_TIMED_OUT: /u);
    const [, failed, unknown] =
      /^acknowledged 0 records, 0 bytes; failed (\d+); unknown (\d+)$/mu.exec(stderr) ?? [];
    expect(Number(unknown)).toBeGreaterThan(0);
    expect(Number(failed)).toBeGreaterThan(0);
    expect(skipOf(stderr)).toBe(0);
    // What waits for an acknowledgement, and what lies in pipes and streams.
    expect(given).toBeGreaterThan(4 * 1024 * 1024);
    expect(given).toBeLessThan(16 * 1024 * 1024);
  });

  // `script` has other options elsewhere.
  test.runIf(process.platform === 'linux')('a second ^C does not wait', async () => {
    const server = await silentServer();
    let typed = 0;
    const { code, text } = await inTerminal(['produce', 'silent', '--server', server.url], {
      before: `printf 'a\\nb\\n' |`,
      type: (screen) => {
        if (typed === 2 || !server.asked() || (typed === 1 && !screen.includes('ends at once')))
          return undefined;
        typed += 1;
        return '\u0003';
      },
    });
    server.close();
    expect(code).toBe(3);
    expect(text).toContain('waiting for 2 records under way; ^C again ends at once\n');
    expect(text).toMatch(
      /\nacknowledged 0 records, 0 bytes; unknown 2; interrupted by SIGINT\nno line is acknowledged; to go on: --skip-lines 0\n$/u,
    );
  });
});
