import { textOf } from '../kinds/index.ts';
import { type AnyOption, negatedFlag } from '../option.ts';
import { optionGroups } from '../options/index.ts';
import { type Face, shortOf } from '../sources/index.ts';

const WIDTH = 100;
const INDENT = 8;

/** Lines of at most `WIDTH` characters, each indented. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part) => `${' '.repeat(indent)}${part}`).join('\n');
}

const entry = (head: string, text: string) => `  ${head}\n${wrapped(text, INDENT)}`;

function flagText(option: AnyOption): string {
  const short = shortOf(option.flag);
  const flag = `${short === null ? '' : `-${short}, `}--${option.flag}`;
  return option.kind.bare === true ? `${flag}, --${negatedFlag(option)}` : `${flag} <value>`;
}

function defaultText(option: AnyOption): string {
  if (option.computed !== undefined) return `Default ${option.computed.doc}.`;
  const text = textOf(option.default);
  return text === '' ? '' : `Default ${text}.`;
}

function optionText(option: AnyOption): string {
  const allowed = option.kind.bare === true || option.kind.allowed === 'text' ? '' : `Expects ${option.kind.allowed}.`;
  return entry(flagText(option), [option.doc, allowed, defaultText(option)].filter((part) => part !== '').join(' '));
}

/** The text of `--help`: commands, switches, and every option of the table by topic. */
export function renderHelp(face: Face): string {
  const widest = Math.max(...face.commands.map(({ name }) => name.length));
  const commands = face.commands.map(({ name, doc }) => `  ${name.padEnd(widest)}  ${doc}`).join('\n');
  const switches = face.switches.map(({ name, doc }) => {
    const short = shortOf(name);
    return entry(`${short === null ? '' : `-${short}, `}--${name}`, doc);
  });
  const common = [
    ...switches,
    entry('--config-file <path>', 'Read this configuration file. May be repeated; later files win.'),
    entry('--config-dir <path>', 'Read every *.conf file of this folder, in alphabetical order. May be repeated.'),
  ].join('\n');
  const groups = optionGroups.map(
    ({ title, options }) => `${title}:\n${Object.values(options).map(optionText).join('\n')}`,
  );
  const usage = `Usage: ${face.program}${face.wordless === true ? '' : ' [command]'} [options]`;
  const first = face.commands[0];
  const what = face.wordless === true ? (first?.doc ?? '') : `Commands (default: ${first?.name}):\n${commands}`;
  const ends = 'Options may also come from files, OS_<SECTION>__<OPTION> in the environment, and kernel parameters.';
  return `${[usage, what, `General:\n${common}`, ...groups, ends].join('\n\n')}\n`;
}
