import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/** What some files lead to. */
export interface Reach {
  /** All that they import, themselves among it, by their paths from the folder. */
  readonly files: readonly string[];
  /** What they import of others, by name: without what Node has. */
  readonly packages: readonly string[];
}

/** Of JavaScript: whatever is imported, also if only later. */
export async function reachOfCode(folder: string, entries: readonly string[]): Promise<Reach> {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [...entries],
    outdir: 'unused',
    bundle: true,
    format: 'esm',
    packages: 'external',
    platform: 'node',
    metafile: true,
    write: false,
  });
  const imports = Object.values(metafile.inputs).flatMap(({ imports: each }) => each);
  const outside = imports.filter(({ external }) => external === true).map(({ path }) => path);
  return { files: Object.keys(metafile.inputs).toSorted(), packages: packagesOf(outside) };
}

// The compiler writes each on a line of its own; what stands in doc comments are examples.
const docComment = /^[ \t]*\/\*\*[\s\S]*?\*\//gm;
const specifier = /(?:\bfrom |\bimport\(|^import )["']([^"']+)["']/gm;

/** Of declarations. */
export function reachOfTypes(folder: string, entries: readonly string[]): Reach {
  const files = new Set(entries);
  const outside: string[] = [];
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll(docComment, '');
    for (const [, target = ''] of text.matchAll(specifier)) {
      if (target.startsWith('.')) files.add(declarationOf(folder, file, target));
      else outside.push(target);
    }
  }
  return { files: [...files].toSorted(), packages: packagesOf(outside) };
}

/** The compiler leaves `.ts` in declarations: whoever reads them looks for `.d.ts` there. */
function declarationOf(folder: string, from: string, target: string): string {
  const path = join(folder, dirname(from), target.replace(/\.[jt]s$/, '.d.ts'));
  if (existsSync(path)) return relative(folder, path);
  throw new Error(`expected declarations of what is imported: file=${from} import=${target}`);
}

function packagesOf(specifiers: readonly string[]): string[] {
  const names = specifiers
    .filter((each) => !isBuiltin(each))
    .map((each) => /^(?:@[^/]+\/)?[^/]+/.exec(each)?.[0] ?? each);
  return [...new Set(names)].toSorted();
}
