import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildFailed, writeWhole } from '../kit/index.ts';
import { commandsPage, declaredCommands } from './commands.ts';
import { declaredErrors, errorFlaws, errorsPage } from './errors.ts';
import type { Page } from './markdown.ts';
import { openApiPage } from './openapi.ts';
import { optionsPage, samplePage } from './options.ts';
import { declaredSteps, stepsPage } from './steps.ts';
import { declaredTools, toolsPage } from './tools.ts';

/** Every page of the reference, from the declarations as they are now. @throws BuildFailed when one has no doc */
export async function referencePages(): Promise<readonly Page[]> {
  const errors = await declaredErrors();
  const flaws = errorFlaws(errors);
  if (flaws.length > 0) throw new BuildFailed(flaws.join('\n'));
  const commands = await declaredCommands();
  return [
    optionsPage(),
    samplePage(),
    errorsPage(errors),
    commandsPage(commands),
    openApiPage(commands),
    stepsPage(await declaredSteps()),
    toolsPage(await declaredTools()),
  ];
}

/** Names of files in `folder` that are missing, differ from their page, or belong to no page. */
export function staleFiles(folder: string, pages: readonly Page[]): readonly string[] {
  const wrong = pages
    .filter(({ file, text }) => {
      const path = join(folder, file);
      return !existsSync(path) || readFileSync(path, 'utf8') !== text;
    })
    .map(({ file }) => file);
  const present = existsSync(folder) ? readdirSync(folder) : [];
  return [...wrong, ...present.filter((name) => !pages.some(({ file }) => file === name))];
}

export function writePages(folder: string, pages: readonly Page[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { file, text } of pages) writeWhole(join(folder, file), text);
}
