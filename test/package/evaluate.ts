import { expect } from 'vitest';
import { environment } from '../../package/installation.ts';
import { run } from '../house/run.ts';

/** Evaluates JavaScript in a project, in a process of its own, and returns what it printed as JSON. */
export async function evaluate(project: string, source: string): Promise<unknown> {
  const args = ['--input-type=module', '--eval', source];
  const { code, output } = await run(process.execPath, args, { cwd: project, env: environment });
  expect(code, output).toBe(0);
  return JSON.parse(output);
}

/** The files that are loaded when it imports this, by their paths in `node_modules`. */
export async function loadedBy(project: string, specifier: string): Promise<readonly string[]> {
  const urls = await evaluate(
    project,
    `import { registerHooks } from 'node:module';
     const urls = [];
     registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
     await import('${specifier}');
     console.log(JSON.stringify(urls));`,
  );
  const files = (urls as readonly string[]).filter((url) => url.startsWith('file:'));
  return files.map((url) => url.slice(url.indexOf('/node_modules/') + '/node_modules/'.length));
}
