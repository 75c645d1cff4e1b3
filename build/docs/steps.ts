import type { Step } from '../../src/core/index.ts';
import { declaredIn, isStep, sourcesLike } from './declarations.ts';
import { code, grouped, heading, type Page, page, parts, table } from './markdown.ts';

function offered(step: Step<unknown>): string {
  const kinds = Object.entries(step.in).map(([kind, facts]) => {
    const priority = facts === undefined ? 0 : facts.priority;
    return `${kind} (${priority === 0 ? 'only on request' : `priority ${priority}`})`;
  });
  return kinds.join(', ');
}

function section(step: Step<unknown>): string {
  const { name, doc, abortable, rebootRequested, argsinfo = {}, throws } = step;
  const facts = [
    `Offered in: ${offered(step)}.`,
    abortable === true ? 'Can be aborted.' : 'Cannot be aborted.',
    rebootRequested === true ? 'Asks for a reboot.' : '',
  ];
  const rows = Object.entries(argsinfo).map(([arg, { description, required }]) => [
    code(arg),
    required ? 'yes' : 'no',
    description,
  ]);
  const args = rows.length === 0 ? '' : table(['Argument', 'Required', 'Meaning'], rows);
  const errors = throws.length === 0 ? '' : `Errors: ${throws.map(({ type }) => code(type)).join(', ')}.`;
  return parts(heading(3, name), doc, facts.filter((fact) => fact !== '').join(' '), args, errors);
}

export function stepsPage(steps: readonly Step<unknown>[]): Page {
  const groups = grouped(steps, (step) => step.interface).map(([name, list]) =>
    parts(heading(2, `Interface ${name}`), ...list.map(section)),
  );
  const intro =
    'Steps that the agent offers for cleaning, deployment and service. Steps with a priority run by themselves, highest first; the others run when a node operation names them.';
  return page('steps.md', 'Steps', intro, ...(groups.length === 0 ? ['None.'] : groups));
}

export async function declaredSteps(): Promise<readonly Step<unknown>[]> {
  const files = sourcesLike('src/extensions/index.ts', 'src/hardware/managers/index.ts');
  return (await declaredIn(files, isStep)).map(({ value }) => value);
}
