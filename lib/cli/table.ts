/** What a column holds; numbers stand to the right. */
export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

export interface TableOptions {
  /** Columns of the terminal; nothing is cut without it. */
  readonly width: number | undefined;
  readonly heading: (text: string) => string;
}

const gap = 2;
/** A column is not made narrower than that. */
const narrowest = 8;

/** Lines of a table, each within `width` if that can be: the widest texts are cut, marked by `…`. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width, heading }: TableOptions,
): string[] {
  const widths = columns.map(({ title }, at) =>
    rows.reduce((widest, row) => Math.max(widest, (row[at] ?? '').length), title.length),
  );
  if (width !== undefined) shrink(columns, widths, width);
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, at) => fit(cells[at] ?? '', widths[at] ?? 0, align))
      .join(' '.repeat(gap))
      .trimEnd();
  return [heading(line(columns.map(({ title }) => title))), ...rows.map(line)];
}

/** Numbers stay whole. */
function shrink(columns: readonly Column[], widths: number[], width: number): void {
  const total = (): number => widths.reduce((sum, each) => sum + each + gap, -gap);
  while (total() > width) {
    const texts = widths.map((each, at) => (columns[at]?.align === 'right' ? 0 : each));
    const current = Math.max(...texts);
    const widest = texts.indexOf(current);
    if (current <= narrowest) return;
    widths[widest] = current - 1;
  }
}

function fit(text: string, width: number, align: Column['align']): string {
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return align === 'right' ? cut.padStart(width) : cut.padEnd(width);
}
