import { measureAgent } from './agent.ts';
import { measureImaging } from './imaging.ts';
import { type Measurement, table } from './measurement.ts';

/** Every measurement of the project; each takes minutes at most. */
const measurements: readonly { readonly name: string; readonly run: () => Promise<readonly Measurement[]> }[] = [
  { name: 'agent', run: measureAgent },
  { name: 'imaging', run: measureImaging },
];

const only = process.argv.slice(2);
const chosen = measurements.filter(({ name }) => only.length === 0 || only.includes(name));
const rows: Measurement[] = [];
for (const { name, run } of chosen) {
  console.error(`measuring ${name} ...`);
  rows.push(...(await run()));
}
console.log(table(rows));
process.exitCode = rows.some((row) => row.met === false) ? 1 : 0;
