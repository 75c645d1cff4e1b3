import { describe, expect, it } from 'vitest';
import { type AgentError, silentLog, tellNobody } from '../../../src/core/index.ts';
import { cleanUefiNvram } from '../../../src/extensions/steps/clean-uefi-nvram.ts';
import { agentPortsOn } from '../../kit/agent-ports.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../kit/recorded-tools.ts';

const listing = `BootCurrent: 0004
BootOrder: 0004,0001,0003
Boot0000* UiApp\tFvVol(7cb8bdc9)/FvFile(462caa21)
Boot0001* debian\tHD(1,GPT,5f6ab1b9,0x800,0x12000)/File(\\EFI\\debian\\shimx64.efi)
Boot0002* odd\tVenHw(99e275e7)/HD(1,GPT,5f6ab1b9)/File(\\EFI\\BOOT\\BOOTX64.EFI)
Boot0003* loose\tPciRoot(0x0)/Pci(0x2,0x0)/File(\\efi\\x\\GRUBX64.EFI)
Boot0004* UEFI PXEv4 HD(\tPciRoot(0x0)/Pci(0x3,0x0)/MAC(525400aabb01,1)/IPv4(0.0.0.0)
`;
const list: RecordedCall = { argv: ['efibootmgr', '-v'], out: listing };
const remove = (number: string): RecordedCall => ({ argv: ['efibootmgr', '-b', number, '-B'] });
const VARIABLES = '/sys/firmware/efi/efivars';

async function run(
  args: object,
  calls: readonly RecordedCall[],
  entries: Entries = { [`${VARIABLES}/BootOrder-x`]: '' },
) {
  const tools = recordedTools(calls);
  const machine = { tools, files: memoryFiles(entries), clock: createFakeClock({ auto: true }), log: silentLog };
  const { ports } = agentPortsOn(machine);
  const { signal } = new AbortController();
  const step = { ports, node: null, signal, progress: tellNobody, log: silentLog };
  const outcome = await cleanUefiNvram
    .invoke(args, step)
    .catch((error: AgentError) => `${error.type}: ${error.details}`);
  expect(tools.unused()).toEqual([]);
  return outcome;
}

describe('clean_uefi_nvram (steps.md 3.13)', () => {
  it.each<readonly [string, object, readonly string[]]>([
    ['by default removes what starts from a disk', {}, ['0001', '0003']],
    ['takes null for the default', { match_patterns: null }, ['0001', '0003']],
    ['looks in the path, not in the label', { match_patterns: ['debian$', 'PXE'] }, []],
    ['finds a pattern anywhere, in any case', { match_patterns: ['ipV4', '(?i)bootx64'] }, ['0002', '0004']],
    ['removes nothing for no pattern', { match_patterns: [] }, []],
  ])('%s', async (_what, args, numbers) => {
    expect(await run(args, [list, ...numbers.map(remove)])).toBeNull();
  });

  it.each<readonly [object, RegExp]>([
    [{ match_patterns: ['('] }, /^InvalidCommandParamsError: match_patterns: \( is no regular expression/],
    [{ match_patterns: 'HD' }, /^InvalidCommandParamsError: /],
    [{ match_patterns: [7] }, /^InvalidCommandParamsError: /],
    [{ patterns: [] }, /^InvalidCommandParamsError: /],
  ])('refuses %j before it looks', async (args, expected) => {
    expect(await run(args, [])).toMatch(expected);
  });

  it('fails on a machine that runs in BIOS mode, and where an entry cannot be removed', async () => {
    const bios = { argv: ['efibootmgr', '-v'], exit: 2, err: 'EFI variables are not supported on this system.' };
    expect(await run({}, [bios], {})).toMatch(/^ToolFailed: .*not supported/);
    const full = { ...remove('0001'), exit: 1, err: 'No space left on device' };
    expect(await run({}, [list, full])).toMatch(/^ToolFailed: .*No space left/);
  });

  it('mounts the variables where the ramdisk did not', async () => {
    const options = ['-t', 'efivarfs', '-o', 'rw,nosuid,nodev,noexec', '--', 'efivarfs', VARIABLES];
    const calls = [{ argv: ['mount', ...options] }, list, remove('0001'), remove('0003')];
    expect(await run({}, calls, { [VARIABLES]: { kind: 'dir' } })).toBeNull();
  });
});
