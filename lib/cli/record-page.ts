import type { Record } from '../client/types.ts';
import type { ConsumeOptions } from './consume.ts';
import { write } from './output.ts';
import { compileFormat } from './record-format.ts';
import type { Format } from './record-format.ts';
import { recordJson } from './record-json.ts';

/** So many bytes are written at once. */
const pageBytes = 64 * 1024;

const lineFeed = Buffer.from('\n');

export function formatOf(options: ConsumeOptions): Format {
  if (options.json === true) {
    return (record, sink) => sink(Buffer.from(`${recordJson(record)}\n`));
  }
  if (options.format !== undefined) return compileFormat(options.format, options.null);
  const { keySeparator } = options;
  const value = compileFormat('%s', options.null);
  const key = compileFormat('%k', options.null);
  const separator = keySeparator === undefined ? undefined : Buffer.from(keySeparator);
  return (record, sink) => {
    if (separator !== undefined) {
      key(record, sink);
      sink(separator);
    }
    value(record, sink);
    sink(lineFeed);
  };
}

/** Records as they are written, a page at a time. */
export class Page {
  #bytes = 0;
  readonly #format: Format;
  #parts: Buffer[] = [];

  constructor(format: Format) {
    this.#format = format;
  }

  add(record: Record): void {
    this.#format(record, (part) => {
      this.#parts.push(part);
      this.#bytes += part.length;
    });
  }

  get isFull(): boolean {
    return this.#bytes >= pageBytes;
  }

  async flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    await write(bytes);
  }
}
