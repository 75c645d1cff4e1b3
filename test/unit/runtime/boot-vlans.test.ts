import { describe, expect, it } from 'vitest';
import { isEnd } from '../../../src/runtime/boot/index.ts';
import { settle } from '../../../src/runtime/boot/phases/settle.ts';
import { bootContextOf } from '../../kit/boot-context.ts';
import { inspectionKit } from '../../kit/inspection-context.ts';
import { airOf } from '../../kit/lldp/air.ts';
import { switchTlvs, switchUnit } from '../../kit/lldp/frames.ts';

const INSPECTS = 'ipa-inspection-callback-url=http://192.0.2.1/v1/continue';

/** The settling of a machine whose port enp0s3 hears of VLAN 101; `made` are the VLANs that `ip` was asked for. */
async function settled(kernel: string) {
  const { context, clock, lines } = inspectionKit({ kernel: `ipa-disk-wait-attempts=0 ${kernel}`, auto: true });
  const sound = { afterS: 3, unit: switchUnit };
  const air = airOf({ enp0s3: sound, enp0s4: sound, enp0s5: 'silence' }, clock, context.ports.tools);
  const boot = bootContextOf({ ...context, ports: { ...context.ports, tools: air } });
  const facts = await settle(boot).run({}, new AbortController().signal);
  if (isEnd(facts)) throw new Error(facts.why);
  const tried = lines.filter((line) => /vlan\.(created|failed)/.test(line));
  const said = (pattern: RegExp) => lines.some((line) => pattern.test(line));
  return { heard: facts.heard, tried, said, listened: air.log.filter((line) => !line.includes(':')) };
}

describe('VLANs by LLDP in the boot', () => {
  it('hears every port when an inspection follows, which then need not listen', async () => {
    const { heard, tried } = await settled(`${INSPECTS} ipa-collect-lldp=1 ipa-enable-vlan-interfaces=enp0s3`);
    expect(Object.fromEntries(heard ?? [])).toEqual({ enp0s3: switchTlvs, enp0s4: switchTlvs, enp0s5: [] });
    expect(tried).toEqual([expect.stringContaining('enp0s3.101')]);
  });

  it('hears the named port only when none follows', async () => {
    const { listened, tried } = await settled('ipa-collect-lldp=1 ipa-enable-vlan-interfaces=enp0s3');
    expect(listened).toEqual(['enp0s3']);
    expect(tried).toHaveLength(1);
  });

  it('takes all ports for "all"', async () => {
    const { tried } = await settled('ipa-collect-lldp=1 ipa-enable-vlan-interfaces=all');
    expect(tried.map((line) => /enp0s\d\.\d+/.exec(line)?.[0])).toEqual(['enp0s3.101', 'enp0s4.101']);
  });

  it.each([
    ['collect_lldp is not set', 'ipa-enable-vlan-interfaces=all', /VLANs by LLDP need collect_lldp/],
    ['the VLAN is named', 'ipa-collect-lldp=1 ipa-enable-vlan-interfaces=enp0s3.7', /vlan\.failed.*enp0s3\.7/],
    ['no VLAN is wanted', 'ipa-collect-lldp=1', /hardware\./],
  ])('does not listen when %s', async (_case, kernel, words) => {
    const { heard, listened, said } = await settled(kernel);
    expect(heard).toBeUndefined();
    expect(listened).toEqual([]);
    expect(said(words)).toBe(true);
  });
});
