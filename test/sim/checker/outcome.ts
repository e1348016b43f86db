/** `failed`: this attempt changed nothing and never will. */
export type Outcome = 'ok' | 'failed' | 'unknown';
