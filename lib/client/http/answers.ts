import { OutcomeUnknown } from '../../engine/outcome-unknown.ts';
import { parseJson } from '../../http/json.ts';
import { errorNamed, ProtocolError } from '../../protocol/errors.ts';
import type { KafkaErrorName } from '../../protocol/errors.ts';
import type { Answer, Unanswered } from './connections.ts';

/** What was asked, for what is said of its answer. */
export interface Asked {
  /** `GET http://…`. */
  readonly what: string;
  /** As the server's log has it, if it got there. */
  readonly requestId: string;
  readonly signed: boolean;
  /** Absent: a read. */
  readonly write?: { readonly mayDuplicate: boolean };
}

/** No answer, or half of one: of a write that left, nobody knows what came of it. */
export function unansweredError(asked: Asked, { message, sent, cause }: Unanswered): Error {
  const { write, what } = asked;
  if (write !== undefined && sent) return unknown(asked, write, message, cause);
  const happened = write === undefined ? '' : ', and nothing happened';
  const error = new ProtocolError(
    'NETWORK_EXCEPTION',
    `expected an answer, but ${message}${happened} request=${what}`,
  );
  error.cause = cause;
  return error;
}

/** What an answer that is no success means. */
export function answerError(asked: Asked, answer: Answer): Error {
  const body = jsonOf(answer);
  const { error_code: code, message } = body;
  if (typeof code !== 'number' || typeof message !== 'string') return foreignError(asked, answer);
  const { write } = asked;
  const told = errorNamed(String(answer.headers['tailrace-error']));
  const name = told?.name ?? nameOf(code);
  if (write === undefined) return new ProtocolError(name ?? 'UNKNOWN_SERVER_ERROR', message);
  const { command_id: commandId, retry_may_duplicate: mayDuplicate } = body;
  if (typeof commandId === 'string' && typeof mayDuplicate === 'boolean') {
    return new OutcomeUnknown(commandId, mayDuplicate);
  }
  const isOpen = name === undefined || told?.http.error_code === 50_401;
  return isOpen ? unknown(asked, write, message) : new ProtocolError(name, message);
}

/** Of an error of the door itself, which is none of Kafka's. Undefined: the server failed. */
function nameOf(code: number): KafkaErrorName | undefined {
  switch (code) {
    case 40_402:
      return 'UNKNOWN_TOPIC_OR_PARTITION';
    case 40_801:
      // Only a part of the request came, and nothing is done before all of it has.
      return 'NETWORK_EXCEPTION';
    case 413:
      return 'MESSAGE_TOO_LARGE';
    case 42_901:
      return 'THROTTLING_QUOTA_EXCEEDED';
    default:
      return code >= 50_000 ? undefined : 'INVALID_REQUEST';
  }
}

/**
 * An answer that is not a Tailrace server's: a gateway's, a proxy's, another server's. What refuses
 * a request has not passed it on; what fails may have.
 */
export function foreignError(asked: Asked, answer: Answer): Error {
  const { write } = asked;
  const { status } = answer;
  const said = `it is not one of a tailrace server: ${describe(answer)}`;
  const passedOn = status >= 500 || status < 300 || status === 408;
  if (write !== undefined && passedOn) return unknown(asked, write, said);
  const [name, expected, advice] = refusal(status, asked.signed);
  const text = `expected ${expected}, got an answer, but ${said}; ${advice} request=${asked.what}`;
  return new ProtocolError(name, text);
}

type Refusal = readonly [name: KafkaErrorName, expected: string, advice: string];

function refusal(status: number, signed: boolean): Refusal {
  if (status === 401 || status === 403) {
    const name = status === 401 ? 'SASL_AUTHENTICATION_FAILED' : 'CLUSTER_AUTHORIZATION_FAILED';
    const advice = signed
      ? 'let these credentials invoke the API (grantProduce, grantConsume and grantAdmin of the construct do), and check that the path of the URL is right'
      : 'sign requests (`sign: true`) if it is an API with IAM authorisation, or give the `headers` that its authorizer wants';
    return [name, 'to be let in', advice];
  }
  if (status === 413) {
    return ['MESSAGE_TOO_LARGE', 'a request that is not too large', 'send smaller batches'];
  }
  if (status === 429) {
    return [
      'THROTTLING_QUOTA_EXCEEDED',
      'not to be held back',
      'nothing happened, try again later',
    ];
  }
  if (status >= 500 || status === 408) {
    return ['NETWORK_EXCEPTION', 'an answer of the server behind it', 'try again later'];
  }
  const advice =
    status >= 300 && status < 400
      ? 'give the URL that it leads to'
      : "check the URL: it is what `tailrace serve` prints, or the stack's output ApiUrl";
  return ['MISMATCHED_ENDPOINT_TYPE', 'a tailrace server there', advice];
}

/** Status, type, sender and the first words. */
function describe({ status, headers, body }: Answer): string {
  const shownNames = ['content-type', 'server', 'location', 'retry-after'];
  const named = shownNames.map((name) => [name, headers[name]] as const);
  const facts = [...named, ['body', body.toString('utf8', 0, 300)] as const]
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [`status=${status}`, ...facts].join(' ');
}

/** An object's fields; none if the answer is no JSON, or no object. */
export function jsonOf({ body }: Answer): Readonly<Record<string, unknown>> {
  try {
    const value = parseJson(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function unknown(
  { what, requestId }: Asked,
  { mayDuplicate }: { readonly mayDuplicate: boolean },
  why: string,
  cause?: unknown,
): OutcomeUnknown {
  const error = new OutcomeUnknown(requestId, mayDuplicate, `${why} (${what})`);
  error.cause = cause;
  return error;
}
