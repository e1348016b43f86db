import type {
  ConditionFailed,
  Indeterminate,
  Throttled,
  Unavailable,
} from '../../ports/outcome.ts';
import { InvariantError } from '../../std/assert.ts';

/** What was asked for, as IAM names it, and of what: for messages. */
export interface Asked {
  /** `dynamodb:PutItem` */
  readonly action: string;
  /** `table=tailrace` */
  readonly of: string;
}

/** Wraps what was thrown before a request was handed to a socket: nothing happened. */
export class NotSent extends Error {
  override name = 'NotSent';

  constructor(cause: unknown) {
    super('the request was not sent', { cause });
  }
}

/** Errors by which a service says that it did not do what it was asked, and wants patience. */
const throttles = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** In a transaction's list of reasons the same have names of their own. */
export const throttleReasons = new Set(['ProvisionedThroughputExceeded', 'ThrottlingError']);

/** The same request, by its token, is still being worked on: the one refusal that decides nothing. */
const inProgress = 'TransactionInProgressException';

/** System calls before which nothing of a request can have been sent. */
const connectingCalls = new Set(['connect', 'getaddrinfo']);
const notConnected = 'did not establish a connection';

/**
 * How a call that threw ended. `indeterminate` unless something says for certain that the request
 * was not applied: it never left, or the service refused it or sent it elsewhere (3xx, 4xx). Throws for bugs of ours.
 */
export function writeFailure(
  error: unknown,
  asked: Asked,
): Throttled | Unavailable | Indeterminate {
  if (throttles.has(nameOf(error))) return { kind: 'throttled' };
  if (nameOf(error) === 'ValidationException') throw bug(error, asked);
  const cause = describe(error, asked);
  return nothingHappened(error) ? { kind: 'unavailable', cause } : { kind: 'indeterminate', cause };
}

/** A read that got no answer changed nothing, whatever became of it. */
export function readFailure(error: unknown, asked: Asked): Throttled | Unavailable {
  const failure = writeFailure(error, asked);
  return failure.kind === 'indeterminate' ? { ...failure, kind: 'unavailable' } : failure;
}

/** How a create-only put of an object ended that threw: S3 says 412 where the key exists. */
export function createFailure(
  error: unknown,
  asked: Asked,
): ConditionFailed<undefined> | ReturnType<typeof writeFailure> {
  if (nameOf(error) === 'PreconditionFailed' || statusOf(error) === 412) {
    return { kind: 'condition-failed', item: undefined };
  }
  return writeFailure(error, asked);
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** The status of the answer that an error stands for. */
export function statusOf(error: unknown): number | undefined {
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return metadata?.httpStatusCode;
}

function nothingHappened(error: unknown): boolean {
  if (error instanceof NotSent || neverConnected(error)) return true;
  const status = statusOf(error) ?? 0;
  return status >= 300 && status < 500 && nameOf(error) !== inProgress;
}

function neverConnected(error: unknown): boolean {
  // One error per address that was tried.
  if (error instanceof AggregateError) return error.errors.every(neverConnected);
  if (!(error instanceof Error)) return false;
  if ('syscall' in error) return connectingCalls.has(String(error.syscall));
  return error.name === 'TimeoutError' && error.message.includes(notConnected);
}

/** DynamoDB found the request itself wrong. The size of a grown item is known to it alone. */
function bug(error: unknown, asked: Asked): InvariantError {
  const { message } = error as Error;
  const what = /item size/i.test(message) ? 'item is too large' : 'a request was not valid';
  return new InvariantError(`${what}: action=${asked.action} ${asked.of} answer=${message}`);
}

/** One line that says what is missing, where that can be said. */
function describe(error: unknown, { action, of }: Asked): string {
  const inner = error instanceof NotSent ? error.cause : error;
  const said = `answer="${nameOf(inner)}: ${messageOf(inner)}"`;
  switch (nameOf(inner)) {
    case 'AccessDenied':
    case 'AccessDeniedException':
      return `access denied: allow the role this action, and the use of the key that encrypts: action=${action} ${of} ${said}`;
    case 'CredentialsProviderError':
      return `no credentials: give the process a role, a profile or access keys: action=${action} ${of} ${said}`;
    case 'NoSuchBucket':
    case 'ResourceNotFoundException':
      return `not found: deploy it, or check name, region and account: ${of} ${said}`;
    default:
      return `request failed: action=${action} ${of} ${said}`;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  // The SDK appends hints for developers on further lines.
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
