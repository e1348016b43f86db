import { OutcomeUnknown } from '../engine/outcome-unknown.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { KafkaErrorName } from '../protocol/errors.ts';

/** What the process ends with (docs/cli.md). */
export const exitCodes = { done: 0, failed: 1, usage: 2, unknown: 3 } as const;

/** Told to the user in one line. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

const advice: { readonly [name in KafkaErrorName]?: string } = {
  UNKNOWN_TOPIC_OR_PARTITION:
    "'tailrace topic list' shows what there is, 'tailrace topic create' makes one",
  TOPIC_ALREADY_EXISTS: '--if-not-exists takes it as it is',
  GROUP_ID_NOT_FOUND: "'tailrace group list' shows what there is",
  NON_EMPTY_GROUP: 'stop its consumers first, or wait until their sessions are over',
  TOPIC_AUTHORIZATION_FAILED: 'check the credentials',
  CLUSTER_AUTHORIZATION_FAILED: 'check the credentials',
};

/** Of a connection: nobody is there. */
const nobody = ['ECONNREFUSED', 'ENOTFOUND'];
const server = "start a server by 'tailrace serve', or name another by --server or TAILRACE_SERVER";

function adviceFor({ kafka, cause }: ProtocolError): string | undefined {
  if (kafka !== 'NETWORK_EXCEPTION') return advice[kafka];
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return nobody.includes(code) ? server : undefined;
}

/** What the AWS SDK lacks where it runs, by what it says. */
const settings: readonly (readonly [RegExp, string])[] = [
  [/Region is missing/, 'set AWS_REGION, or AWS_PROFILE to a profile that has one'],
  [/load credentials/, 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
];

/** What happened, as one line without a full stop; Kafka's errors go by their names. */
export function tell(error: unknown): string {
  if (!(error instanceof ProtocolError)) {
    const text = messages(error)
      .join(': ')
      .replaceAll(/\s*\n\s*/g, '; ');
    return withHint(text, settings.find(([pattern]) => pattern.test(text))?.[1]);
  }
  return withHint(`${error.kafka}: ${error.message}`, adviceFor(error));
}

const withHint = (text: string, hint: string | undefined): string =>
  hint === undefined ? text : `${text}; ${hint}`;

/** Of the error and of what caused it, as far as they say something else. */
function messages(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const causes = error.cause === undefined ? [] : messages(error.cause);
  return [error.message, ...causes.filter((message) => !error.message.includes(message))];
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailed) return error.exitCode;
  return error instanceof OutcomeUnknown ? exitCodes.unknown : exitCodes.failed;
}
