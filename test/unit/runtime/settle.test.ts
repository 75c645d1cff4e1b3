import { describe, expect, it } from 'vitest';
import { setClock } from '../../../src/runtime/boot/phases/set-clock.ts';
import { settle } from '../../../src/runtime/boot/phases/settle.ts';
import type { Tools } from '../../../src/system/index.ts';
import { bootContextOf } from '../../kit/boot-context.ts';
import { type InspectionKit, inspectionKit } from '../../kit/inspection-context.ts';

const { signal } = new AbortController();
/** No disk is looked for. */
const DISKLESS = 'ipa-disk-wait-attempts=0';

/** A recorded machine. `played` answers its tools first, undefined leaves it to the recording; `asked` has the moments. */
function machine(
  kernel: string,
  played: (bin: string, argv: readonly string[], kit: InspectionKit) => string | Error | undefined,
) {
  const asked: string[] = [];
  const kit = inspectionKit({ kernel, auto: true });
  const tools: Tools = {
    run: async (tool, input, stop) => {
      const argv = tool.argv(input);
      asked.push([kit.clock.elapsed(), tool.bin, ...argv].join(' '));
      const stdout = played(tool.bin, argv, kit);
      if (stdout instanceof Error) throw stdout;
      if (stdout === undefined) return kit.context.ports.tools.run(tool, input, stop);
      return tool.parse({ exitCode: 0, stdout, stderr: '', bytes: Buffer.from(stdout) }, input);
    },
  };
  const context = bootContextOf({ ...kit.context, ports: { ...kit.context.ports, tools } });
  return { ...kit, context, asked, log: () => kit.lines.join('') };
}

describe('the wait for hardware at the start (protocol.md 1.1, steps 8 to 10)', () => {
  const withNicsAt = (ms: number, kernel = DISKLESS) =>
    machine(kernel, (bin, _argv, { clock }) => {
      if (bin === 'modprobe' || bin === 'udevadm') return '';
      return bin === 'ip' && clock.elapsed() < ms ? '[]' : undefined;
    });

  it('does not wait for a NIC that is there', async () => {
    const { context, clock } = withNicsAt(0);
    await settle(context).run({}, signal);
    expect(clock.sleeps).toEqual([]);
  });

  it('looks every five seconds for a NIC, whatever its link', async () => {
    const { context, clock, log } = withNicsAt(12_000);
    await settle(context).run({}, signal);
    expect(clock.sleeps).toEqual([5_000, 5_000, 5_000]);
    expect(log()).not.toContain('settle.nic.absent');
  });

  it('goes on after a minute without a NIC, and says what to check', async () => {
    const { context, clock, log } = withNicsAt(Number.POSITIVE_INFINITY);
    await settle(context).run({}, signal);
    expect(clock.elapsed()).toBe(60_000);
    expect(log()).toMatch(/WARN settle\.nic\.absent .*driver of the NIC/);
  });

  it('leaves slow controllers their time, after the drivers and before the NICs are looked for', async () => {
    const { context, clock, asked } = withNicsAt(0, `${DISKLESS} ipa-hardware-initialization-delay=40`);
    await settle(context).run({}, signal);
    expect(clock.sleeps).toEqual([40_000]);
    expect(asked[0]).toMatch(/^0 iscsistart/);
    expect(asked).toContain('0 modprobe --quiet ipmi_msghandler');
    expect(asked.filter((call) => /^\d+ ip /.test(call)).map((call) => Number.parseInt(call, 10))).toEqual([40_000]);
  });
});

describe('the time server at the start (protocol.md 1.5)', () => {
  const clockless = (failures: number, more = '') => {
    let left = failures;
    return machine(`ipa-ntp-server=192.0.2.1 ${more}`, (bin, argv) => {
      if (bin !== 'chronyd') return '';
      if (argv[0] !== '-q') return '';
      left -= 1;
      return left >= 0 ? new Error('No suitable source') : '';
    });
  };
  const fatal = (kit: ReturnType<typeof clockless>) =>
    kit.context.settings.override({ failIfClockNotSet: true }, 'test');

  it('is asked again for what DHCP may not have set up yet', async () => {
    const { context, clock, log } = clockless(2);
    expect(await setClock(context).run({}, signal)).toEqual({});
    expect(clock.sleeps).toEqual([5_000, 5_000]);
    expect(log().match(/clock\.sync\.failed/g)).toHaveLength(2);
  });

  it('that is silent costs a warning, and the boot goes on', async () => {
    const { context, log } = clockless(9);
    expect(await setClock(context).run({}, signal)).toEqual({});
    expect(log()).toMatch(/WARN clock\.sync\.failed attempt=3 .*192\.0\.2\.1.*No suitable source/);
  });

  it('that is silent keeps the agent from going on with fail_if_clock_not_set', async () => {
    const kit = clockless(9);
    fatal(kit);
    await expect(setClock(kit.context).run({}, signal)).rejects.toThrow(/could not be set by 192\.0\.2\.1/);
  });

  it('is enough, with fail_if_clock_not_set, when it answers at last', async () => {
    const kit = clockless(2);
    fatal(kit);
    expect(await setClock(kit.context).run({}, signal)).toEqual({});
  });

  it('is no condition where none is set', () => {
    const kit = machine('', () => undefined);
    kit.context.settings.override({ failIfClockNotSet: true }, 'test');
    expect(setClock(kit.context).when({})).toBe(false);
  });
});
