import { describe, expect, test } from 'vitest';
import { findRoute, allowedMethods } from '../../lib/http/router.ts';
import { routes } from '../../lib/http/routes.ts';
import { errorByCode } from '../../lib/protocol/errors.ts';

/** A path of the pattern, with something in place of its variables. */
const example = (pattern: string): string => pattern.replaceAll(/\{\w+\}/g, 'x');

describe('the route table', () => {
  test('names every method and path once', () => {
    const names = routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '*')}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('names every operation once', () => {
    const operations = routes.map(({ operation }) => operation);
    expect(new Set(operations).size).toBe(operations.length);
  });

  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s is found by the router, as itself',
    (_name, route) => {
      expect(findRoute(route.method, example(route.path)).route).toBe(route);
    },
  );

  test('reads a body in every route that changes something by one, and in no other', () => {
    for (const { method, consumes } of routes) {
      expect(consumes.length > 0).toBe(['POST', 'PUT', 'PATCH'].includes(method));
    }
  });

  test('has an answer type and a status of success in every row', () => {
    for (const { produces, status, errors } of routes) {
      expect(produces.length).toBeGreaterThan(0);
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(300);
      for (const code of errors) expect(String(code)).toMatch(/^[45]\d\d(\d\d)?$/);
    }
  });

  test('names no error code that the one table of errors does not have', () => {
    const known = new Set([40_402, 40_601, 42_203, 42_204]);
    for (let code = -1; code <= 133; code += 1) known.add(errorByCode(code)?.http.error_code ?? 0);
    const foreign = routes.flatMap(({ errors }) => errors).filter((code) => !known.has(code));
    expect(foreign).toEqual([]);
  });
});

describe('the router', () => {
  test.each([
    ['/topics/a%2Fb', 'a/b'],
    ['/topics/a%20b', 'a b'],
    ['/topics/%C3%A9', 'é'],
    ['/topics/a#b', 'a#b'],
    ['/topics/a%3Ab', 'a:b'],
    [`/topics/${'n'.repeat(300)}`, 'n'.repeat(300)],
  ])('decodes %s', (path, name) => {
    expect(findRoute('GET', path).params).toEqual({ topic: name });
  });

  test.each(['records:batch', 'records%3Abatch', 'records%3abatch'])('takes %s', (end) => {
    const found = findRoute('POST', `/v3/clusters/c/topics/t/${end}`);
    expect(found.route.operation).toBe('produceBatchV3');
    expect(found.params).toEqual({ cluster: 'c', topic: 't' });
  });

  test('tells configs:alter from a config of that name', () => {
    expect(findRoute('POST', '/v3/clusters/c/topics/t/configs:alter').route.operation).toBe(
      'alterConfigs',
    );
    expect(findRoute('GET', '/v3/clusters/c/topics/t/configs/alter').route.operation).toBe(
      'getConfig',
    );
  });

  test.each(['', '/nothing', '/topics/%zz', '/topics/a/b', '//topics', '/v3', '*'])(
    'finds nothing at %s',
    (path) => {
      expect(() => findRoute('GET', path)).toThrow(expect.objectContaining({ errorCode: 404 }));
    },
  );

  test('says which methods a path has', () => {
    expect(() => findRoute('PUT', '/topics/t')).toThrow(
      expect.objectContaining({ errorCode: 405, headers: { allow: 'GET, HEAD, POST, OPTIONS' } }),
    );
    expect(() => findRoute('PURGE', '/topics')).toThrow(
      expect.objectContaining({ errorCode: 405, headers: { allow: 'GET, HEAD, OPTIONS' } }),
    );
    expect(allowedMethods('/v3/clusters/c/topics/t')).toBe('GET, HEAD, PATCH, DELETE, OPTIONS');
  });
});
