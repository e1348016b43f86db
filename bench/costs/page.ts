const begin = '<!-- begin: npm run costs -->\n';
const end = '<!-- end -->\n';

/** The page with these tables in the place of those that it has. */
export function withTables(page: string, tables: string): string {
  const [before = '', rest] = page.split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (after === undefined) throw new Error(`expected ${begin.trim()} … ${end.trim()} in the page`);
  return `${before}${begin}\n${tables}\n${end}${after}`;
}
