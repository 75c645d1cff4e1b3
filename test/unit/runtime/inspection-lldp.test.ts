import { describe, expect, it } from 'vitest';
import type { LldpHeard } from '../../../src/hardware/index.ts';
import { inspect } from '../../../src/runtime/boot/phases/inspect.ts';
import { createMachineReports } from '../../../src/runtime/index.ts';
import { type InspectionContext, inspectAlone } from '../../../src/runtime/inspection/index.ts';
import { makeReport } from '../../../src/runtime/inspection/report.ts';
import { createNetProbe } from '../../../src/system/index.ts';
import { bootContextOf } from '../../kit/boot-context.ts';
import { inspectionKit } from '../../kit/inspection-context.ts';
import { airOf, type Sound } from '../../kit/lldp/air.ts';
import { switchTlvs, switchUnit } from '../../kit/lldp/frames.ts';

const { signal } = new AbortController();
const refuse = () => Promise.reject(new Error('nobody is there'));

interface Scene {
  readonly kernel?: string;
  readonly names: readonly string[];
  readonly sounds?: Readonly<Record<string, Sound>>;
  readonly heard?: LldpHeard;
}

/** enp0s5 is a NIC of the BMC, which the inventory leaves out. */
const SOUNDS: Readonly<Record<string, Sound>> = {
  enp0s3: { afterS: 3, unit: switchUnit },
  enp0s4: 'silence',
  enp0s5: { afterS: 20, unit: switchUnit },
};

async function report({ kernel = '', names, sounds = SOUNDS, heard }: Scene) {
  const { context, clock } = inspectionKit({ kernel, auto: true });
  const air = airOf(sounds, clock, context.ports.tools);
  const ports = { ...context.ports, tools: air };
  const { payload, inventory } = await makeReport({ ...context, ports, heard: heard ?? null }, names, signal);
  const lldp = Object.fromEntries((inventory?.interfaces ?? []).map((nic) => [nic.name, nic.lldp]));
  return { payload, lldp, listened: air.log.filter((line) => !line.includes(':')), seconds: clock.elapsed() / 1000 };
}

const raw = { enp0s3: switchTlvs, enp0s4: [], enp0s5: switchTlvs };

describe('LLDP in the report of an inspection (inventory.md 5.1)', () => {
  it('is `lldp_raw` for the collector, NICs of the BMC too', async () => {
    const { payload, seconds } = await report({ names: ['lldp'] });
    expect(payload).toEqual({ lldp_raw: raw, error: null });
    expect(seconds).toBe(50);
  });

  it('is in the inventory with collect_lldp, and not elsewhere', async () => {
    const { payload, lldp } = await report({ kernel: 'ipa-collect-lldp=1', names: ['default'] });
    expect(lldp).toEqual({ enp0s3: switchTlvs, enp0s4: [] });
    expect(payload).not.toHaveProperty('lldp_raw');
    expect(payload.error).toBeNull();
  });

  it('is listened for once when both ask', async () => {
    const { payload, lldp, listened } = await report({ kernel: 'ipa-collect-lldp=1', names: ['default', 'lldp'] });
    expect(listened).toEqual(['enp0s3', 'enp0s4', 'enp0s5']);
    expect(payload.lldp_raw).toEqual(raw);
    expect(lldp).toEqual({ enp0s3: switchTlvs, enp0s4: [] });
  });

  it.each([
    ['nobody asks', '', ['default', 'logs']],
    ['the inventory that would hold it is not collected', 'ipa-collect-lldp=1', ['pci-devices']],
    ['a name is unknown, so nothing is collected', 'ipa-collect-lldp=1', ['lldp', 'x']],
  ])('is not listened for when %s', async (_case, kernel, names) => {
    const { listened, lldp } = await report({ kernel, names });
    expect(listened).toEqual([]);
    expect(Object.values(lldp).every((value) => value === null)).toBe(true);
  });

  it('is taken from the boot when that has listened already', async () => {
    const heard: LldpHeard = new Map([['enp0s3', [[3, '0078']]]]);
    const { payload, lldp, listened } = await report({
      kernel: 'ipa-collect-lldp=1',
      names: ['default', 'lldp'],
      heard,
    });
    expect(listened).toEqual([]);
    expect(payload.lldp_raw).toEqual({ enp0s3: [[3, '0078']] });
    expect(lldp).toEqual({ enp0s3: [[3, '0078']], enp0s4: null });
  });

  it('waits as long as the option says', async () => {
    const { payload, seconds } = await report({ kernel: 'ipa-lldp-timeout=2.5', names: ['lldp'] });
    expect(payload.lldp_raw).toEqual({ enp0s3: switchTlvs, enp0s4: [], enp0s5: [] });
    expect(seconds).toBe(5.5);
  });

  it('fails nothing where nothing can be received', async () => {
    const { payload, lldp } = await report({ kernel: 'ipa-collect-lldp=1', names: ['default', 'lldp'], sounds: {} });
    expect(payload).toMatchObject({ lldp_raw: {}, error: null });
    expect(lldp).toEqual({ enp0s3: null, enp0s4: null });
  });
});

describe('what the inspection waits for', () => {
  it.each([
    [
      'ipa-inspection-collectors=default,lldp',
      'the inventory, the LLDP frames of the switches and the inspection callback',
    ],
    ['ipa-collect-lldp=1', 'the inventory, the LLDP frames of the switches and the inspection callback'],
    ['', 'the inventory and the inspection callback'],
  ])('%s', (kernel, words) => {
    expect(inspect(bootContextOf(inspectionKit({ kernel }).context)).waitsFor).toBe(words);
  });
});

describe('LLDP in the inventory that the command line prints', () => {
  it.each<readonly [string, string, unknown]>([
    ['is there with collect_lldp', 'ipa-collect-lldp=1', { enp0s3: switchTlvs, enp0s4: [] }],
    ['is not asked for without', '', { enp0s3: null, enp0s4: null }],
  ])('%s', async (_case, kernel, expected) => {
    const { context, clock } = inspectionKit({ kernel, auto: true });
    const tools = airOf(SOUNDS, clock, context.ports.tools);
    const ports = { ...context.ports, tools, net: createNetProbe(context.ports.files) };
    const reports = createMachineReports(ports, { bootif: context.bootif, config: context.settings.config() });
    const { inventory, problems } = await reports.inventory(signal);
    expect(Object.fromEntries(inventory.interfaces.map((nic) => [nic.name, nic.lldp]))).toEqual(expected);
    expect(problems).toEqual([]);
    expect(tools.log.length > 0).toBe(kernel !== '');
  });
});

describe('cards whose firmware takes the LLDP frames', () => {
  const kernel = 'ipa-inspection-callback-url=http://192.0.2.1:9/ ipa-inspection-collectors=lldp ipa-lldp-timeout=1';
  /** An i40e, whose switch is in no recording. */
  async function asked(run: (context: InspectionContext) => Promise<unknown>) {
    const { context, clock, lines } = inspectionKit({ kernel, auto: true, machine: 'two-socket-server' });
    const tools = airOf({ eno1: 'silence', eno2: 'silence' }, clock, context.ports.tools);
    await run({ ...context, ports: { ...context.ports, tools, http: { send: refuse } } }).catch(() => undefined);
    expect(tools.log).toContain('eno1');
    return lines.some((line) => /lldp\.firmware\.failed.*--show-priv-flags eno1/.test(line));
  }

  it('are silenced in the boot', async () => {
    expect(await asked(async (context) => inspect(bootContextOf(context)).run({}, signal))).toBe(true);
  });

  it('are left alone on an installed system', async () => {
    expect(await asked((context) => inspectAlone(context, async () => undefined, signal))).toBe(false);
  });
});
