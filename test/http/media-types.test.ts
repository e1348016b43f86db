import { describe, expect, test } from 'vitest';
import {
  metadataTypes,
  negotiate,
  recordFormatOf,
  recordTypes,
  requestType,
} from '../../lib/http/media-types.ts';

const v2 = 'application/vnd.kafka.v2+json';
const json = 'application/vnd.kafka.json.v2+json';
const binary = 'application/vnd.kafka.binary.v2+json';

describe('negotiate', () => {
  test.each([
    [undefined, v2],
    ['', v2],
    ['*/*', v2],
    ['application/*', v2],
    ['application/json', 'application/json'],
    ['Application/JSON', 'application/json'],
    ['application/vnd.kafka+json', 'application/vnd.kafka+json'],
    ['text/html, application/json;q=0.5', 'application/json'],
    ['application/json;q=0.9, application/vnd.kafka.v2+json;q=0.1', 'application/json'],
    ['application/json;q=0, */*', v2],
    ['application/vnd.kafka.v2+json;q=0, */*;q=0.1', 'application/vnd.kafka+json'],
    ['*/*;q=0.1, application/json', 'application/json'],
    ['application/json; charset=utf-8 ; q=1.000', 'application/json'],
    ['application/json;q=nonsense', 'application/json'],
  ])('metadata for %s', (accept, expected) => {
    expect(negotiate(accept, metadataTypes)).toBe(expected);
  });

  test.each([
    [binary, 'binary'],
    [json, 'json'],
    ['application/json', 'json'],
    ['application/vnd.kafka+json', 'json'],
    ['*/*', 'json'],
    [`${json};q=0.5, ${binary}`, 'binary'],
    [`${json};q=0, application/json;q=0, application/vnd.kafka+json;q=0, */*`, 'binary'],
  ])('records for %s', (accept, expected) => {
    expect(recordFormatOf(negotiate(accept, recordTypes))).toBe(expected);
  });

  test.each(['text/html', 'image/*', 'application/json;q=0', 'application/xml', ',;q'])(
    'nothing for %s',
    (accept) => {
      expect(() => negotiate(accept, metadataTypes)).toThrow(
        expect.objectContaining({ errorCode: 406 }),
      );
    },
  );
});

describe('requestType', () => {
  test.each([
    [json, json],
    [`${json}; charset=utf-8`, json],
    [`${json};charset="UTF-8"`, json],
    [binary.toUpperCase(), binary],
  ])('takes %s', (given, expected) => {
    expect(requestType({ 'content-type': given }, recordTypes)).toBe(expected);
  });

  test.each([
    [{}],
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': v2 }],
    [{ 'content-type': `${json}; charset=latin1` }],
    [{ 'content-type': json, 'content-encoding': 'gzip' }],
  ])('refuses %j', (headers) => {
    expect(() => requestType(headers, recordTypes)).toThrow(
      expect.objectContaining({ errorCode: 415 }),
    );
  });
});
