import { expect, test } from 'vitest';
import { readConfiguration, variablesOf } from '../../functions/configuration.ts';

const fine = {
  tableName: 'Tailrace-Table1ED5.x',
  bucketName: 'tailrace-bucket-1',
  deployment: 'TailraceTailrace1A2B3C4D',
};

test('what is deployed with variables is read from them', () => {
  expect(readConfiguration(variablesOf(fine))).toEqual(fine);
  const own = { ...fine, publicUrl: 'https://kafka.example.com/log' };
  expect(readConfiguration({ ...variablesOf(own), OTHER: 'x' })).toEqual(own);
});

test('what is missing is named, all of it at once, with what was expected', () => {
  expect(() => readConfiguration({})).toThrow(
    /TAILRACE_TABLE: expected the name of a DynamoDB table.*got "".*TAILRACE_BUCKET: expected.*TAILRACE_DEPLOYMENT: expected/,
  );
});

test.each([
  ['tableName', 'a b', /TAILRACE_TABLE: .*got "a b"/],
  ['bucketName', 'Bucket', /TAILRACE_BUCKET: .*got "Bucket"/],
  ['deployment', 'ä', /TAILRACE_DEPLOYMENT: .*got "ä"/],
  ['publicUrl', 'kafka.example.com', /TAILRACE_PUBLIC_URL: expected a URL of http or https/],
  ['publicUrl', 'https://h?x=1', /TAILRACE_PUBLIC_URL/],
  ['publicUrl', 'https://', /TAILRACE_PUBLIC_URL/],
])('a malformed %s is refused: %s', (key, value, message) => {
  expect(() => readConfiguration(variablesOf({ ...fine, [key]: value }))).toThrow(message);
});
