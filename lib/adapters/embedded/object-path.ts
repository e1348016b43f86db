/** Longest piece of a segment in one name; with its suffix well below the 255 bytes of a name. */
const pieceLength = 200;

/** What a directory entry stands for, relative to the key prefix of its directory. */
export type Entry =
  | { readonly kind: 'object'; readonly text: string }
  /** Keys below it begin with `text`, which ends in a slash or continues a long segment. */
  | { readonly kind: 'directory'; readonly text: string };

/**
 * The directories and the file of an object. Each segment of the key is a name with a suffix
 * that no key contains: `@` for the file, `+` for the first 200 characters of a longer segment,
 * `=` for a directory named ``, `.` or `..`. Every key has one path, and every path one key.
 */
export function pathOfKey(key: string): { readonly directories: string[]; readonly file: string } {
  const segments = key.split('/');
  const names: string[] = [];
  let last = '';
  segments.forEach((segment, index) => {
    let rest = segment;
    while (rest.length >= pieceLength) {
      names.push(`${rest.slice(0, pieceLength)}+`);
      rest = rest.slice(pieceLength);
    }
    if (index === segments.length - 1) last = `${rest}@`;
    else names.push(rest === '' || rest === '.' || rest === '..' ? `${rest}=` : rest);
  });
  return { directories: names, file: last };
}

/** Counterpart of `pathOfKey` for one name. */
export function entryOfName(name: string): Entry {
  const text = name.slice(0, -1);
  if (name.endsWith('@')) return { kind: 'object', text };
  if (name.endsWith('+')) return { kind: 'directory', text };
  return { kind: 'directory', text: name.endsWith('=') ? `${text}/` : `${name}/` };
}

/** The name of the directory that `entryOfName` read. */
export function nameOfDirectory(text: string): string {
  if (!text.endsWith('/')) return `${text}+`;
  const segment = text.slice(0, -1);
  return segment === '' || segment === '.' || segment === '..' ? `${segment}=` : segment;
}
