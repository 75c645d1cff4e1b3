import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tellNobody } from '../../../../src/core/index.ts';
import { extraHardware } from '../../../../src/hardware/index.ts';
import { asExtra, type Extra } from '../../../kit/extra-hook.ts';
import { loadMachine, machinesDir } from '../../../kit/machine.ts';

const machines = readdirSync(machinesDir, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, machine: loadMachine(name) }))
  .filter(({ machine }) => machine.extra !== null);

/** After the way through JSON, as a server gets it. */
async function extraOf(name: string): Promise<Extra> {
  const { ports, anyTools } = loadMachine(name);
  const options = { benchmarks: [], tell: tellNobody };
  const items = await extraHardware({ ...ports, tools: anyTools }, options, AbortSignal.timeout(20_000));
  return asExtra(JSON.parse(JSON.stringify(items)));
}

const flat = (extra: Extra): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(extra).flatMap(([group, things]) =>
      Object.entries(things).flatMap(([thing, fields]) =>
        Object.entries(fields).map(([field, value]) => [`${group} ${thing} ${field}`, value] as const),
      ),
    ),
  );

describe('recorded machines', () => {
  it.each(machines)('$name is, after the hooks of the servers, what it should be', async ({ name, machine }) => {
    expect(await extraOf(name)).toEqual(machine.extra);
  });

  it('micro-vm is what the program of the reference prints there, but for these', async () => {
    const printed = JSON.parse(readFileSync(join(machinesDir, 'micro-vm', 'hardware-detect.json'), 'utf8'));
    const [theirs, ours] = [flat(asExtra(printed)), flat(await extraOf('micro-vm'))];
    const differences = [...theirs]
      .filter(([key, value]) => !key.startsWith('hw ') && ours.get(key) !== value)
      .map(([key, value]) => [key, value, ours.get(key)]);
    expect(differences).toEqual([
      // Newer versions of lscpu leave the prefix out, and hooks then take some masks for numbers.
      ['numa node_0 cpu_mask', 3, '0x3'],
      ['system kernel arch', 'unknown', 'x86_64'],
      // There is no systemd to ask.
      ['system rtc utc', 'unknown', 'no'],
    ]);
    expect([...ours.keys()].filter((key) => !theirs.has(key))).toEqual([]);
  });
});
