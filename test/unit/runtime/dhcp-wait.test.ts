import { describe, expect, it } from 'vitest';
import { waitForAddresses } from '../../../src/runtime/inspection/dhcp.ts';
import type { Tools } from '../../../src/system/index.ts';
import { inspectionKit } from '../../kit/inspection-context.ts';
import { loadMachine } from '../../kit/machine.ts';

const { signal } = new AbortController();
/** In the recording it has no address, its neighbour eno1 has one. */
const ENO2 = '01-3c-ec-ef-10-20-31';

const kitOf = (bootif: string | null, kernel: string) => {
  const kit = inspectionKit({ kernel, auto: true, machine: 'two-socket-server' });
  return { ...kit, context: { ...kit.context, bootif } };
};

describe('the wait for addresses before the inventory (inventory 4.4)', () => {
  it.each<[string, string | null, string, number]>([
    ['the boot NIC has one', '01-3c-ec-ef-10-20-30', '60', 0],
    ['the boot NIC has none until the time is over', ENO2, '60', 60],
    ['the time is short', ENO2, '5', 6],
    ['no time is given', ENO2, '0', 0],
    ['the boot NIC is no NIC of this machine', '01-00-00-00-00-00-01', '60', 0],
    ['the kernel line names no boot NIC', null, '60', 0],
    ['every NIC must have one', null, '60 ipa-inspection-dhcp-all-interfaces=1', 60],
    [
      'every NIC must have one, the boot NIC has',
      '01-3c-ec-ef-10-20-30',
      '10 ipa-inspection-dhcp-all-interfaces=1',
      10,
    ],
  ])('when %s', async (_case, bootif, timeout, seconds) => {
    const { context, clock, lines } = kitOf(bootif, `ipa-inspection-dhcp-wait-timeout=${timeout}`);
    await waitForAddresses(context, signal);
    expect(clock.elapsed() / 1000).toBe(seconds);
    expect(clock.sleeps.every((ms) => ms === 2_000)).toBe(true);
    const warned = lines.filter((line) => line.includes('inspect.dhcp.timeout'));
    expect(warned).toHaveLength(seconds === 0 ? 0 : 1);
    for (const line of warned) expect(line).toContain('eno2');
  });

  it.each([
    ['the boot port, as pxelinux names it, has none', '20-e4-1d-2d-a1-b2-c4', 60],
    ['the boot port, as iPXE names it, has one', '7c:fe:90:29:26:52', 0],
    [
      'the boot port is named by its whole hardware address',
      'a0:00:02:20:fe:80:00:00:00:00:00:00:e4:1d:2d:03:00:a1:b2:c4',
      0,
    ],
    ['the boot port is named by its GUID', '20-e4-1d-2d-03-00-a1-b2-c4', 0],
  ])('of InfiniBand when %s', async (_case, bootif, seconds) => {
    const kernel = 'ipa-inspection-dhcp-wait-timeout=60';
    const { context, clock } = inspectionKit({ kernel, auto: true, machine: 'infiniband-server' });
    await waitForAddresses({ ...context, bootif }, signal);
    expect(clock.elapsed() / 1000).toBe(seconds);
  });

  it('ends as soon as the address is there', async () => {
    const { context, clock, lines } = kitOf(ENO2, 'ipa-inspection-dhcp-wait-timeout=60');
    let looks = 0;
    const tools: Tools = {
      run: (tool, input, inner) => {
        looks += tool.bin === 'ip' ? 1 : 0;
        const parse: typeof tool.parse = (out, asked) => {
          const address = '"addr_info": [{"family": "inet", "local": "192.0.2.52", "scope": "global"}]';
          const stdout = looks >= 4 ? out.stdout.replace('"addr_info": []', address) : out.stdout;
          return tool.parse({ ...out, stdout }, asked);
        };
        const recorded = loadMachine('two-socket-server').ports.tools;
        return recorded.run({ ...tool, parse }, input, inner);
      },
    };
    await waitForAddresses({ ...context, ports: { ...context.ports, tools } }, signal);
    expect(clock.elapsed()).toBe(6_000);
    expect(lines.join('')).not.toContain('inspect.dhcp.timeout');
  });
});
