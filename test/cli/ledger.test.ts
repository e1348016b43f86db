import { expect, test } from 'vitest';
import { Ledger } from '../../lib/cli/ledger.ts';
import { exitCodeAfter, report } from '../../lib/cli/produce-report.ts';

function sent(lines: number): Ledger {
  const ledger = new Ledger();
  for (let line = 1; line <= lines; line += 1) ledger.send(line);
  return ledger;
}

test('nothing at all', () => {
  const ledger = new Ledger();
  expect(report(ledger)).toBe('acknowledged 0 records, 0 bytes\n');
  expect(exitCodeAfter(ledger, 0)).toBe(0);
});

test('all is acknowledged up to the first line that is not, whatever the order', () => {
  const ledger = sent(4);
  expect([ledger.unbroken, ledger.ahead, ledger.waiting]).toEqual([0, 0, 4]);
  ledger.acknowledge(2, 1);
  ledger.acknowledge(4, 1);
  expect([ledger.unbroken, ledger.ahead, ledger.waiting]).toEqual([0, 2, 2]);
  ledger.acknowledge(1, 1);
  expect([ledger.unbroken, ledger.ahead]).toEqual([2, 1]);
  ledger.acknowledge(3, 1);
  expect([ledger.unbroken, ledger.ahead, ledger.waiting]).toEqual([4, 0, 0]);
});

test('lines that were passed over are done', () => {
  const ledger = new Ledger();
  ledger.pass(1);
  ledger.pass(2);
  expect(ledger.unbroken).toBe(2);
  ledger.send(3);
  expect(ledger.unbroken).toBe(2);
  ledger.acknowledge(3, 5);
  expect([ledger.unbroken, ledger.acknowledged, ledger.acknowledgedBytes]).toEqual([3, 1, 5]);
});

test('an interruption says how to go on', () => {
  const ledger = sent(2);
  ledger.acknowledge(1, 3);
  ledger.acknowledge(2, 4);
  expect(report(ledger, 'SIGINT')).toBe(
    'acknowledged 2 records, 7 bytes; interrupted by SIGINT\n' +
      'lines 1 to 2 are acknowledged; to go on: --skip-lines 2\n',
  );
  expect(exitCodeAfter(ledger, 130)).toBe(130);
});

test('nothing acknowledged says so', () => {
  expect(report(sent(0), 'SIGTERM')).toBe(
    'acknowledged 0 records, 0 bytes; interrupted by SIGTERM\n' +
      'no line is acknowledged; to go on: --skip-lines 0\n',
  );
});

test('what failed and what is unknown are told apart, and what follows them is told', () => {
  const ledger = sent(5);
  for (const line of [1, 3, 5]) ledger.acknowledge(line, 1);
  ledger.fail({ line: 2, kind: 'failed', message: 'MESSAGE_TOO_LARGE: too large' });
  expect(exitCodeAfter(ledger, 130)).toBe(1);
  ledger.fail({ line: 4, kind: 'unknown', message: 'REQUEST_TIMED_OUT: no answer' });
  expect(exitCodeAfter(ledger, 130)).toBe(3);
  expect(ledger.waiting).toBe(0);
  expect(report(ledger)).toBe(
    'tailrace: line 2 failed: MESSAGE_TOO_LARGE: too large\n' +
      'tailrace: line 4 unknown: REQUEST_TIMED_OUT: no answer\n' +
      'acknowledged 3 records, 3 bytes; failed 1; unknown 1\n' +
      'line 1 is acknowledged; to go on: --skip-lines 1\n' +
      '2 later lines, acknowledged as well, would be appended again\n',
  );
});

test('of many that fail, a few are told', () => {
  const ledger = sent(1_000);
  for (let line = 1; line <= 1_000; line += 1) ledger.fail({ line, kind: 'failed', message: 'no' });
  const lines = report(ledger).trimEnd().split('\n');
  expect(lines).toHaveLength(8);
  expect(lines[5]).toBe('tailrace: and 995 more');
});

test('a fault of the input is told', () => {
  expect(report(sent(0), undefined, 'expected JSON line=1')).toContain(
    'tailrace: the input ended early: expected JSON line=1\n',
  );
});
