/** Of CloudWatch. A dimension of all metrics is `service`: the deployment. */
export const metricNamespace = 'Tailrace';

/** Records that a group has still to commit, in all partitions of a topic together. */
export const lagMetricName = 'ConsumerLag';

/** What the schedule says to the function that does what is due, so that it measures lag instead. */
export const lagEvent = { task: 'lag' } as const;

export const isLagEvent = (event: unknown): boolean =>
  (event as Partial<typeof lagEvent> | undefined)?.task === lagEvent.task;

/**
 * The dimensions of a group's lag beside `service`. CloudWatch takes printable ASCII that is not
 * blank: of names that are something else, the rest is percent-encoded.
 */
export function lagDimensions(group: string, topic: string): Record<'group' | 'topic', string> {
  const printable = group.toWellFormed().replaceAll(/[^!-$&-~]/gu, encodeURIComponent);
  return { group: printable, topic };
}

/** What a function is told by its environment. */
export interface Configuration {
  /** Name of the DynamoDB table. */
  readonly tableName: string;
  /** Name of the S3 bucket. */
  readonly bucketName: string;
  /** Names what was deployed in log lines, metrics and alarms. */
  readonly deployment: string;
  /** Scheme, host and base path that clients use, if not those of the API itself. */
  readonly publicUrl?: string;
}

interface Variable {
  readonly name: string;
  readonly isValid: (value: string) => boolean;
  readonly expected: string;
}

const variables: Readonly<Record<keyof Configuration, Variable>> = {
  tableName: {
    name: 'TAILRACE_TABLE',
    isValid: (value) => /^[\w.-]{3,255}$/.test(value),
    expected: 'the name of a DynamoDB table (3 … 255 of A–Z a–z 0–9 _ . -)',
  },
  bucketName: {
    name: 'TAILRACE_BUCKET',
    isValid: (value) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value),
    expected: 'the name of an S3 bucket (3 … 63 of a–z 0–9 . -)',
  },
  deployment: {
    name: 'TAILRACE_DEPLOYMENT',
    isValid: (value) => /^[\w.:/-]{1,128}$/.test(value),
    expected: 'a name for what is deployed (1 … 128 of A–Z a–z 0–9 _ . : / -)',
  },
  publicUrl: {
    name: 'TAILRACE_PUBLIC_URL',
    isValid: (value) => /^https?:\/\/[^/?#\s]+(?:\/[^?#\s]*)?$/.test(value) && URL.canParse(value),
    expected: 'a URL of http or https without a query, or nothing',
  },
};

/** Refuses what is missing or malformed, all of it at once. An empty variable is a missing one. */
export function readConfiguration(
  env: Readonly<Record<string, string | undefined>>,
): Configuration {
  const wrong: string[] = [];
  const read = (key: keyof Configuration, isOptional = false): string => {
    const { name, isValid, expected } = variables[key];
    const value = env[name] ?? '';
    const isFine = value === '' ? isOptional : isValid(value);
    if (!isFine) wrong.push(`${name}: expected ${expected}, got ${JSON.stringify(value)}`);
    return value;
  };
  const publicUrl = read('publicUrl', true);
  const configuration = {
    tableName: read('tableName'),
    bucketName: read('bucketName'),
    deployment: read('deployment'),
    ...(publicUrl === '' ? {} : { publicUrl }),
  };
  if (wrong.length === 0) return configuration;
  throw new Error(`the environment of this function is not as it should be: ${wrong.join('; ')}`);
}

/** The same as environment variables, for who deploys. */
export function variablesOf(configuration: Configuration): Record<string, string> {
  const named: Record<string, string> = {};
  for (const [key, value] of Object.entries(configuration)) {
    named[variables[key as keyof Configuration].name] = String(value);
  }
  return named;
}
