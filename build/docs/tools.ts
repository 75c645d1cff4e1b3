import type { Tool } from '../../src/system/index.ts';
import { type Declared, declaredIn, isTool, sourcesLike } from './declarations.ts';
import { code, grouped, heading, type Page, page, parts, table } from './markdown.ts';

type AnyTool = Tool<unknown, unknown>;

const packagesOf = ({ packages: { debian, redhat } }: AnyTool) =>
  debian === redhat ? debian : `${debian} (Red Hat: ${redhat})`;

export function toolsPage(tools: readonly Declared<AnyTool>[]): Page {
  const groups = grouped(tools, ({ value }) => packagesOf(value)).map(([name, list]) => {
    const rows = list.map(({ name: call, value }) => [
      code(value.bin),
      code(call),
      value.effect,
      `${value.timeoutMs / 1000} s`,
    ]);
    return parts(heading(2, name), table(['Program', 'Call', 'Effect', 'Time limit'], rows));
  });
  const intro =
    'Programs of the ramdisk that the agent runs, by package. "Effect" says whether a call reads, changes, or destroys something; the latter is written to the log before it starts.';
  return page('tools.md', 'Programs', intro, ...groups);
}

export const declaredTools = (): Promise<readonly Declared<AnyTool>[]> =>
  declaredIn(
    sourcesLike('src/system/tools/*.ts').filter((file) => !file.endsWith('/index.ts')),
    isTool,
  );
