/** Why a directory cannot be opened as a store: what was expected, what came, what to do. */
export class EmbeddedStoreError extends Error {
  override name = 'EmbeddedStoreError';
  readonly expected: string;
  readonly came: string;
  readonly advice: string;

  constructor(directory: string, expected: string, came: string, advice: string) {
    super(
      `cannot open the store: expected ${expected}, but ${came}; ${advice}: directory=${directory}`,
    );
    this.expected = expected;
    this.came = came;
    this.advice = advice;
  }
}

/** Who holds a directory for writing. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly program: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Another process (or this one) writes to the directory. */
export class DirectoryInUse extends EmbeddedStoreError {
  override name = 'DirectoryInUse';
  /** Undefined in the moment between its lock and its name. */
  readonly holder: Holder | undefined;

  constructor(directory: string, holder: Holder | undefined) {
    const who =
      holder === undefined
        ? 'another process'
        : `${holder.program} (pid=${holder.pid} host=${holder.host} since=${holder.since})`;
    super(
      directory,
      'a directory that nobody else writes to',
      `it is held by ${who}`,
      'stop that process, choose another directory, or open this one read-only',
    );
    this.holder = holder;
  }
}

interface SqliteFailure {
  readonly errcode: number;
  readonly message: string;
}

/** SQLite's primary result codes that are told apart here; all others end the process. */
export const sqliteCodes = {
  busy: 5,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** The primary result code of an error of `node:sqlite`; `undefined` for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  return isSqliteFailure(error) ? error.errcode & 0xff : undefined;
}

function isSqliteFailure(error: unknown): error is SqliteFailure {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

/** One line that names an error, with SQLite's extended code if there is one. */
export function describeError(error: unknown): string {
  if (isSqliteFailure(error)) return `${error.message}: sqlite=${error.errcode}`;
  return error instanceof Error ? error.message : String(error);
}

/** `ENOENT` and the like, of an error of a system call. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Called with what makes the state on disk unknown. Does not return in a program: the default
 * prints one line and ends the process. After one that does return, the store answers
 * `indeterminate` to what was under way and `unavailable` to all that follows.
 */
export type Fatal = (error: Error) => void;

/** Exit code of a process that lost its store: `EX_IOERR` of sysexits. */
const exitCode = 74;

export function exitOnFatal(error: Error): never {
  process.stderr.write(`tailrace: the store failed, ending the process: ${error.message}\n`);
  process.exit(exitCode);
}
