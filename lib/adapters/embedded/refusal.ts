import {
  describeError,
  EmbeddedStoreError,
  sqliteCode,
  sqliteCodes,
  systemCode,
} from './errors.ts';

/** What an error met while opening means to the one who opens. */
export function refusal(directory: string, error: unknown): EmbeddedStoreError {
  if (error instanceof EmbeddedStoreError) return error;
  const say = (expected: string, came: string, advice: string): EmbeddedStoreError =>
    new EmbeddedStoreError(directory, expected, came, advice);
  switch (systemCode(error)) {
    case 'ENOENT':
      return say('an existing parent directory', 'there is none', 'create it');
    case 'ENOTDIR':
    case 'EEXIST':
      return say('a directory', 'the path is or leads through a file', 'choose another path');
    case 'EACCES':
    case 'EPERM':
      return say('permission to read and write', 'it was denied', 'change the owner or the mode');
    case 'EROFS':
      return say('a writable file system', 'it is read-only', 'choose another directory');
    case 'ENOSPC':
    case 'EDQUOT':
      return say('room on the disk', 'it is full', 'free some space');
    default:
      return sqliteRefusal(say, error);
  }
}

function sqliteRefusal(
  say: (expected: string, came: string, advice: string) => EmbeddedStoreError,
  error: unknown,
): EmbeddedStoreError {
  const came = describeError(error);
  switch (sqliteCode(error)) {
    case sqliteCodes.full:
      return say('room on the disk', 'it is full', 'free some space');
    case sqliteCodes.readonly:
    case sqliteCodes.cannotOpen:
      return say(
        'database files that can be opened and a directory that can be written',
        came,
        'check the owner, the mode and the file system',
      );
    case sqliteCodes.notADatabase:
    case sqliteCodes.corrupt:
      return say('an intact database', came, 'restore it from a backup');
    case sqliteCodes.busy:
      return say('a database that nobody else locks', came, 'end the program that holds it');
    default:
      return say('a directory that can be used', came, 'check the disk');
  }
}
