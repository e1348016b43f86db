/** Headers of answers: what each says, and the schema of its value. */
export const headers = {
  'X-Request-Id': {
    description: 'Names this request in logs: the one that came with it, if that was sane.',
    schema: { type: 'string' },
  },
  Location: { description: 'Where what was created is.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 0 } },
  'Tailrace-Error': {
    description: "Kafka's name of the error, where it is one of Kafka's.",
    schema: { type: 'string', pattern: '^[A-Z_]+$' },
  },
  'Tailrace-Offset': offset('Where the fetch began.'),
  'Tailrace-High-Watermark': offset('The end of the log.'),
  'Tailrace-Last-Stable-Offset': offset('Before it, no transaction is open.'),
  'Tailrace-Log-Start-Offset': offset('The beginning of the log.'),
  'Tailrace-Next-Offset': offset('Where to go on.'),
  'Tailrace-Poll-Id': {
    description: 'With `ack`: to be sent as `ack` with the next poll once this one has arrived.',
    schema: { type: 'integer', format: 'int64', minimum: 0 },
  },
  'Tailrace-Undecoded': {
    description: 'How many keys and values are not JSON and came as `{"__base64": …}`.',
    schema: { type: 'integer', minimum: 1 },
  },
} as const;

export type AnswerHeader = keyof typeof headers;

/** References to some, and to what every answer carries. */
export function headerRefs(names: readonly AnswerHeader[]): Record<string, object> {
  const all: readonly AnswerHeader[] = ['X-Request-Id', ...names];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function offset(description: string) {
  return { description, schema: { type: 'integer', format: 'int64', minimum: 0 } } as const;
}
