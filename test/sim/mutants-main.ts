import { logMutants } from './mutants.ts';
import { runMutant } from './run-mutant.ts';

/** node test/sim/mutants-main.ts: the table of docs/proof.md. */
console.log('| removed | what goes wrong | scenario | states | steps | rule that fires |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const mutant of logMutants) {
  const { states, steps, rule = '**not caught**' } = await runMutant(mutant);
  const { name, about, scenario } = mutant;
  console.log(`| ${name} | ${about} | ${scenario} | ${states} | ${steps ?? ''} | ${rule} |`);
}
