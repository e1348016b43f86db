import { logMutants, simMutants } from './mutants.ts';
import { exploreMutant, simulateMutant } from './run-mutant.ts';
import { worldKinds } from './world/mix.ts';

/** node test/sim/mutants-main.ts [name …]: the tables of docs/proof.md, or some lines of them. */
const names = process.argv.slice(2);
const isWanted = ({ name }: { readonly name: string }): boolean =>
  names.length === 0 || names.includes(name);

console.log('| removed | what goes wrong | scenario | states | steps | rule that fires |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const mutant of logMutants.filter(isWanted)) {
  const { states, steps, rule = '**not caught**' } = await exploreMutant(mutant);
  const { name, about, scenario } = mutant;
  console.log(`| ${name} | ${about} | ${scenario} | ${states} | ${steps ?? ''} | ${rule} |`);
}

for (const kind of worldKinds) {
  console.log('\n| removed | what goes wrong | seeds | rule that fires |');
  console.log('| --- | --- | --: | --- |');
  for (const mutant of simMutants.filter(isWanted)) {
    if (mutant.world !== kind) continue;
    const { seed = '', rule = '**not caught**' } = await simulateMutant(mutant);
    console.log(`| ${mutant.name} | ${mutant.about} | ${seed} | ${rule} |`);
  }
}
