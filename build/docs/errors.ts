import type { ErrorType } from '../../src/core/index.ts';
import { type Declared, declaredIn, isErrorType, roomOf, sourcesLike } from './declarations.ts';
import { code, grouped, heading, type Page, page, parts, table } from './markdown.ts';

const wire = ({ value: { spec } }: Declared<ErrorType>) => `${spec.status} ${spec.message}`;

/** What is wrong with the declarations: a missing doc, or one wire type that looks different in two places. */
export function errorFlaws(errors: readonly Declared<ErrorType>[]): readonly string[] {
  const undocumented = errors
    .filter(({ value }) => value.spec.doc.trim() === '')
    .map(({ file, name }) => `${file}: ${name} has no doc`);
  const ambiguous = grouped(errors, ({ value }) => value.type)
    .filter(([, same]) => new Set(same.map(wire)).size > 1)
    .map(([type, same]) => `${type} has different codes or messages in ${same.map(({ file }) => file).join(' and ')}`);
  return [...undocumented, ...ambiguous];
}

export function errorsPage(errors: readonly Declared<ErrorType>[]): Page {
  const rooms = grouped(errors, ({ file }) => roomOf(file)).map(([room, list]) => {
    const rows = [...list]
      .sort((a, b) => (a.value.type < b.value.type ? -1 : 1))
      .map(({ value: { type, spec } }) => [code(type), String(spec.status), spec.message, spec.doc]);
    return parts(heading(2, room), table(['Type', 'Code', 'Message', 'When it happens, and what to do'], rows));
  });
  const intro =
    'Errors of the agent by part of the program. On the wire an error is an object with `type`, `code`, `message` (fixed for the type) and `details` (this one case: what failed, why, the next step).';
  return page('errors.md', 'Errors', intro, ...rooms);
}

export const declaredErrors = (): Promise<readonly Declared<ErrorType>[]> =>
  declaredIn(sourcesLike('src/core/wire-errors.ts', 'src/**/errors.ts'), isErrorType);
