import { beforeAll, describe, expect, test } from 'vitest';
import { run } from '../house/run.ts';
import { Log } from './log.ts';
import { bin, Piped } from './tailrace.ts';
import { inTerminal } from './terminal.ts';

const log = new Log();
let topic = '';
const now = Date.now();

beforeAll(async () => {
  topic = await log.topic(2);
  // Ten minutes apart, the last one an hour ago.
  const records = Array.from({ length: 10 }, (_, at) => {
    const timestamp = now - 3_600_000 - (9 - at) * 600_000;
    return `{"partition":${at % 2},"timestamp":${timestamp},"value":"${at}"}\n`;
  });
  await log.done(['produce', topic, '--json'], records.join(''));
});

describe('where it begins', () => {
  test.each([
    [[], '02468', '13579'],
    [['--from', 'beginning'], '02468', '13579'],
    [['--from', 'end'], '', ''],
    [['-o', '3'], '68', '79'],
    [['-o', '-2'], '68', '79'],
    [['--last', '1'], '8', '9'],
    [['--last', '0'], '', ''],
    [['--last', '100'], '02468', '13579'],
    [['--from', '-85m'], '8', '79'],
    [['--from', new Date(now - 3_600_000 - 4 * 600_000).toISOString()], '68', '579'],
    [['--from', `s@${now}`], '', ''],
    [['-p', '1'], '', '13579'],
    [['-p', '1', '-p', '0', '-o', '4'], '8', '9'],
    [['-p', '1', '-p', '1'], '', '13579'],
  ])('%s', async (args, even, odd) => {
    const text = await log.done(['consume', topic, '-e', '-f', '%p%s ', ...args]);
    const words = text.split(' ').filter((word) => word !== '');
    const of = (partition: string): string =>
      words.flatMap((word) => (word.startsWith(partition) ? [word.slice(1)] : [])).join('');
    expect([of('0'), of('1')]).toEqual([even, odd]);
  });
});

describe('where it ends', () => {
  test.each([
    ['0', ''],
    ['3', '0\n2\n4\n'],
    ['5', '0\n2\n4\n6\n8\n'],
  ])('after --count %s', async (count, expected) => {
    expect(await log.done(['consume', topic, '-p', '0', '-c', count])).toBe(expected);
  });

  test('else it goes on with what comes next, to a signal, which is no failure', async () => {
    const own = await log.topic();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const consumer = new Piped(['consume', own, '--from', 'end', '--follow'], log.env);
      const isThere = (): boolean => consumer.stdout.includes('next\n');
      while (!isThere()) await log.done(['produce', own], 'next\n');
      consumer.child.kill(signal);
      const { code, stderr } = await consumer.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
  });

  test('a reader that has gone ends it quietly', async () => {
    const own = await log.topic();
    await log.done(['produce', own], 'a line that is read\n'.repeat(50_000));
    for (const args of [`consume ${own}`, `consume ${own} --json`, 'topic list']) {
      const command = `set -o pipefail; '${process.execPath}' '${bin}' ${args} | head -n 1`;
      const { code, output } = await run('bash', ['-c', command], {
        cwd: '/',
        env: { ...process.env, ...log.env },
      });
      expect(code).toBe(0);
      expect(output.trimEnd().split('\n')).toHaveLength(1);
    }
  });

  test('so does ^C on a terminal', async () => {
    let isTyped = false;
    const { code, text } = await inTerminal(['consume', topic, '-p', '0'], {
      env: log.env,
      type: (screen) => {
        if (isTyped || !screen.includes('8')) return undefined;
        isTyped = true;
        return '\u0003';
      },
    });
    expect({ code, text }).toEqual({ code: 0, text: '0\n2\n4\n6\n8\n^C' });
  });
});

describe('what it cannot read', () => {
  test.each([
    [['none'], 'UNKNOWN_TOPIC_OR_PARTITION'],
    [[() => topic, '-p', '7'], 'UNKNOWN_TOPIC_OR_PARTITION'],
    [[() => topic, '-p', '0', '-o', '99'], 'OFFSET_OUT_OF_RANGE'],
  ])('%s', async (args, error) => {
    const words = args.map((arg) => (typeof arg === 'string' ? arg : arg()));
    const { code, stdout, stderr } = await log.run(['consume', ...words]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^tailrace: ${error}: .+\n$`, 'u'));
  });
});

test('JSON can be parsed line by line', async () => {
  const lines = (await log.done(['consume', topic, '-e', '--json'])).trimEnd().split('\n');
  const values = lines.map((line) => (JSON.parse(line) as { value: string }).value);
  expect(values.toSorted().join('')).toBe('0123456789');
});
