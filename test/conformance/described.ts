import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenApiDocument } from '../../lib/http/openapi/document.ts';
import type { Answer } from './api.ts';

/** Says what is wrong with a value by the schema at a place of a document: nothing if it is valid. */
export function schemaValidator(
  document: object,
): (pointer: string, value: unknown) => readonly string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'api', ...closed(document) });
  return (pointer, value) => {
    const validate = ajv.getSchema(`api${encodeURI(pointer)}`);
    if (validate === undefined) return [`no schema at ${pointer}`];
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  };
}

/**
 * With no other fields in objects than those described. Clients of the API must bear new ones, so
 * the document allows them; who tests it wants to know of each.
 */
function closed(value: unknown): object {
  return JSON.parse(JSON.stringify(value), (_key, each: unknown) => {
    const isObject = typeof each === 'object' && each !== null && 'properties' in each;
    const isOpen = isObject && 'type' in each && !('additionalProperties' in each);
    return isOpen ? { ...each, additionalProperties: false } : each;
  }) as object;
}

interface DescribedAnswer {
  /** Instead of all else: where the answer is described. */
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, DescribedAnswer>>;
}

/** The API's own description, to which every answer is held. */
export class Description {
  readonly #document: OpenApiDocument;
  readonly #validate: ReturnType<typeof schemaValidator>;
  readonly #paths: readonly { readonly path: string; readonly pattern: RegExp }[];

  constructor(document: OpenApiDocument) {
    this.#document = document;
    this.#validate = schemaValidator(document);
    // What has fewer variables comes first: `topics/-/configs` is not the configs of a topic.
    this.#paths = Object.keys(document.paths)
      .toSorted((a, b) => a.split('{').length - b.split('{').length)
      .map((path) => ({ path, pattern: patternOf(path) }));
  }

  /** What an answer has that is not described, or lacks that is. */
  wrongWith(method: string, target: string, answer: Answer): readonly string[] {
    const path = target.replace(/\?.*$/s, '').replaceAll(/%3a/gi, ':');
    const found = this.#paths.find(({ pattern }) => pattern.test(path));
    const operations = found === undefined ? undefined : this.#document.paths[found.path];
    const name = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = operations?.[name] as Operation | undefined;
    if (found === undefined || operation === undefined) {
      return this.#wrongWithoutOperation(answer, found !== undefined);
    }
    const response = operation.responses[answer.status];
    if (response === undefined) return [`status ${answer.status} is not described`];
    const own = `#/paths/${escape(found.path)}/${name}/responses/${answer.status}`;
    const { $ref: at = own } = response;
    const described = this.#resolved(response);
    return [
      ...this.#wrongHeaders(described, answer),
      ...this.#wrongBody(described, at, answer, method === 'HEAD'),
    ];
  }

  #resolved(response: DescribedAnswer): DescribedAnswer {
    const name = response.$ref?.split('/').at(-1);
    if (name === undefined) return response;
    const { responses } = this.#document['components'] as {
      readonly responses: Readonly<Record<string, DescribedAnswer>>;
    };
    return responses[name] ?? {};
  }

  /** Paths and methods that the description does not have. */
  #wrongWithoutOperation(answer: Answer, isPath: boolean): readonly string[] {
    if (isPath && answer.status === 204 && answer.headers.has('allow')) return [];
    const statuses = isPath ? [405, 413] : [404, 405, 413];
    const wrong = statuses.includes(answer.status)
      ? []
      : [`status ${answer.status} of no operation`];
    return [
      ...wrong,
      ...(answer.text === '' ? [] : this.#validate('#/components/schemas/Error', answer.json)),
    ];
  }

  #wrongHeaders({ headers = {} }: DescribedAnswer, answer: Answer): readonly string[] {
    const known = new Set(Object.keys(headers).map((each) => each.toLowerCase()));
    return [...answer.headers.keys()]
      .filter((name) => /^(?:tailrace-|x-request-id$|location$|retry-after$)/.test(name))
      .filter((name) => !known.has(name))
      .map((name) => `header ${name} is not described`);
  }

  #wrongBody(
    { content }: DescribedAnswer,
    at: string,
    answer: Answer,
    isHead: boolean,
  ): readonly string[] {
    if (content === undefined) return answer.text === '' ? [] : ['a body is not described'];
    const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
    const media = content[type];
    if (media === undefined) return [`content-type ${type} is not described`];
    if (isHead || !('schema' in media)) return [];
    const pointer = `${at}/content/${escape(type)}/schema`;
    if (media['x-tailrace-concatenated'] !== true) return this.#validate(pointer, answer.json);
    const lines = answer.text.trimEnd().split('\n');
    return lines.flatMap((line) => this.#validate(pointer, JSON.parse(line)));
  }
}

const escape = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}
