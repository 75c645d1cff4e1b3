/**
 * Records the machine it runs on: `node test/kit/record-machine.ts <name>` writes `test/machines/<name>/`.
 * Replace serial numbers and public addresses by hand before committing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, silentLog, tellNobody } from '../../src/core/index.ts';
import { collectInventory, extraHardware } from '../../src/hardware/index.ts';
import { createFiles, createTools, type Files, systemClock, type Tool, type Tools } from '../../src/system/index.ts';
import { asExtra } from './extra-hook.ts';
import { machinesDir } from './machine.ts';
import type { Entry } from './memory-files.ts';
import type { RecordedCall } from './recorded-tools.ts';

function recordingTools(inner: Tools, calls: RecordedCall[]): Tools {
  return {
    async run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O> {
      const argv = [tool.bin, ...tool.argv(input)];
      const spy: Tool<I, O> = {
        ...tool,
        parse: (out, asked) => {
          calls.push({
            argv,
            out: out.stdout.split('\n'),
            ...(out.exitCode === 0 ? {} : { exit: out.exitCode, err: out.stderr }),
          });
          return tool.parse(out, asked);
        },
      };
      return inner.run(spy, input, signal).catch((error: unknown) => {
        if (!calls.some((call) => call.argv === argv)) calls.push({ argv, exit: 127, err: reasonOf(error) });
        throw error;
      });
    },
  };
}

function recordingFiles(inner: Files, entries: Map<string, Entry>): Files {
  const part = (path: string, more: Exclude<Entry, string>) => {
    const known = entries.get(path);
    if (typeof known !== 'string') entries.set(path, { ...known, ...more });
  };
  return {
    ...inner,
    text: async (path) => {
      const text = await inner.text(path);
      entries.set(path, text);
      return text;
    },
    textOrNull: async (path) => {
      const text = await inner.textOrNull(path);
      if (text !== null) entries.set(path, text);
      return text;
    },
    bytes: async (path) => {
      const bytes = await inner.bytes(path);
      part(path, { base64: Buffer.from(bytes).toString('base64') });
      return bytes;
    },
    list: async (dir) => {
      const names = await inner.list(dir);
      // Names are part of the fact; what is behind them is recorded when it is read.
      for (const name of names) part(`${dir}/${name}`, {});
      return names;
    },
    head: async (path, limit) => {
      const bytes = await inner.head(path, limit);
      part(path, { base64: Buffer.from(bytes).toString('base64') });
      return bytes;
    },
    link: async (path) => {
      const link = await inner.link(path);
      if (link !== null) part(path, { link });
      return link;
    },
    kind: async (path) => {
      const kind = await inner.kind(path);
      if (kind !== null) part(path, { kind });
      return kind;
    },
  };
}

const commandOf = ({ argv }: RecordedCall) => argv.join(' ');
const sortedCalls = (calls: readonly RecordedCall[]) =>
  calls.toSorted((a, b) => (commandOf(a) < commandOf(b) ? -1 : 1));

async function main(name: string, bootif: string | null) {
  const calls: RecordedCall[] = [];
  const entries = new Map<string, Entry>();
  const more: RecordedCall[] = [];
  const tools = createTools(silentLog);
  const ports = {
    tools: recordingTools(tools, calls),
    files: recordingFiles(createFiles(), entries),
    clock: systemClock,
    log: silentLog,
  };
  const { inventory, problems } = await collectInventory(
    ports,
    { bootif, skipBmc: false },
    AbortSignal.timeout(120_000),
  );
  const items = await extraHardware(
    { ...ports, tools: recordingTools(tools, more) },
    { benchmarks: [], tell: tellNobody },
    AbortSignal.timeout(240_000),
  );
  const dir = join(machinesDir, name);
  mkdirSync(dir, { recursive: true });
  const save = (file: string, value: unknown) => writeFileSync(join(dir, file), `${JSON.stringify(value, null, 2)}\n`);
  const boring = /^\/(dev\/(?!ipmi)|sys\/devices\/system\/memory\/(?!memory\d|block_size))/;
  const sorted = [...entries].filter(([path]) => !boring.test(path)).sort(([a], [b]) => (a < b ? -1 : 1));
  save('machine.json', { doc: `recorded by test/kit/record-machine.ts`, bootif, skipBmc: false });
  save('tools.json', sortedCalls(calls));
  const known = new Set(calls.map(commandOf));
  save('extra-tools.json', sortedCalls(more.filter((call) => !known.has(commandOf(call)))));
  save('extra.json', asExtra(items));
  save('files.json', Object.fromEntries(sorted));
  save('inventory.json', { inventory, problems });
}

const [name, bootif] = process.argv.slice(2);
if (name === undefined) throw new Error('usage: node test/kit/record-machine.ts <name> [BOOTIF]');
await main(name, bootif ?? null);
