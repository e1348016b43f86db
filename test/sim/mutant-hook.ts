import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { logMutants, simMutants } from './mutants.ts';

/**
 * Preloaded (`node --import`) in a process of its own: the source of a module is changed while
 * it is loaded, as the mutant named by the environment says. The files stay as they are.
 */
const name = process.env['TAILRACE_MUTANT'];
const mutant = [...logMutants, ...simMutants].find((candidate) => candidate.name === name);
if (mutant === undefined) throw new Error(`unknown mutant name=${name}`);

const sources = new Map<string, string>();
for (const { file, find, replace } of mutant.changes) {
  const url = new URL(`../../${file}`, import.meta.url).href;
  const parts = (sources.get(url) ?? readFileSync(new URL(url), 'utf8')).split(find);
  // A mutant that changes nothing, or more than it says, proves nothing.
  if (parts.length !== 2)
    throw new Error(`found ${parts.length - 1} times, mutant=${name} in ${file}`);
  sources.set(url, parts.join(replace));
}

registerHooks({
  load(url, context, next) {
    const source = sources.get(url);
    if (source === undefined) return next(url, context);
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
