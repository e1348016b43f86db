import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../lib/http/openapi/document.ts';
import { shapes } from '../../lib/http/openapi/shapes.ts';
import { routes } from '../../lib/http/routes.ts';
import { must } from '../../lib/std/assert.ts';
import { schemaValidator } from '../conformance/described.ts';
import { ask } from './ask.ts';
import { fakeBroker } from './fake-broker.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly description: string }[];
  readonly responses: Readonly<Record<string, object>>;
}

const document = openApiDocument(routes);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    line: `${method.toUpperCase()} ${path}`,
    operation: operation as Operation,
  })),
);

/** Every value of the document that has this name, with where it is. */
function* valuesNamed(name: string, value: unknown, at = '#'): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    if (key === name) yield [at, each];
    yield* valuesNamed(name, each, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}

describe('the description of the API', () => {
  test('is valid by OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone({ ...document }));
    expect(errors).toBeUndefined();
    expect([valid, validator.version]).toEqual([true, '3.1']);
  });

  test('has every route, and nothing else', () => {
    const lines = operations.map(({ line }) => line);
    expect(new Set(lines)).toEqual(new Set(routes.map(({ method, path }) => `${method} ${path}`)));
    for (const { line, operation } of operations) {
      const route = must(
        routes.find(({ method, path }) => `${method} ${path}` === line),
        line,
      );
      expect(operation.operationId).toBe(route.operation);
      const statuses = route.errors.map((code) => String(code).slice(0, 3));
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining([String(route.status), ...statuses]),
      );
    }
  });

  test('says something of every operation and parameter', () => {
    for (const { line, operation } of operations) {
      expect(operation.summary, line).toMatch(/^[A-Z].*[^.]$/);
      expect(operation.tags, line).toHaveLength(1);
      for (const { name, description } of operation.parameters) {
        expect(description, `${line} ${name}`).toMatch(/\w/);
      }
    }
  });

  test('refers to what is there, and holds nothing that is not referred to', () => {
    const references = [...valuesNamed('$ref', document)].map(([, target]) => String(target));
    const parts = Object.entries(document['components'] as Record<string, object>)
      .filter(([kind]) => kind !== 'securitySchemes')
      .flatMap(([kind, part]) => Object.keys(part).map((name) => `#/components/${kind}/${name}`));
    expect(new Set(references)).toEqual(new Set(parts));
  });

  test('is of the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(document['info']).toMatchObject({ version });
  });

  test('has the schemas that requests are checked by', () => {
    for (const { body, reads, operation } of routes) {
      if (body === undefined) continue;
      expect(shapes[must(reads, operation)], operation).toBe(body);
    }
  });

  test('gives examples that are valid', () => {
    const validate = schemaValidator(document);
    const examples = [...valuesNamed('examples', document)];
    expect(examples.length).toBeGreaterThan(5);
    for (const [at, values] of examples) {
      for (const value of values as readonly unknown[]) expect(validate(at, value), at).toEqual([]);
    }
  });

  test('is served, with the server that was asked', async () => {
    const answer = await ask(await fakeBroker(), 'GET /openapi.json');
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toEqual(
      JSON.parse(JSON.stringify({ ...document, servers: [{ url: 'http://h:1' }] })),
    );
  });
});
