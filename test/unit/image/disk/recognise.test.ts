import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import { assertRecognisable } from '../../../../src/image/index.ts';
import { recordedTools } from '../../../kit/recorded-tools.ts';

const disk = { path: '/dev/sda', size: 2 ** 30, logicalSectorBytes: 512 };

/** @param partitions what partx prints of the table; null when nobody may ask */
function look(signatures: readonly string[], partitions: string | null) {
  const listing = { signatures: signatures.map((type) => ({ device: 'sda', offset: '0x0', type, uuid: null })) };
  const table = { argv: ['partx', '--raw', '--noheadings', '-o', 'NR,TYPE', disk.path], out: partitions ?? '' };
  const tools = recordedTools([
    { argv: ['wipefs', '--json', disk.path], out: JSON.stringify(listing) },
    ...(partitions === null ? [] : [{ ...table, exit: partitions === '' ? 1 : 0 }]),
  ]);
  return assertRecognisable({ tools, log: silentLog }, disk, new AbortController().signal);
}

describe('a written disk', () => {
  it.each([
    [['gpt', 'gpt', 'PMBR'], '1 c12a7328-f81f-11d2-ba4b-00a0c93ec93b\n'],
    [['dos'], '1 0x83\n2 0x82\n'],
    [['iso9660', 'dos'], null],
    [['ext4'], null],
  ])('is accepted with %j and partitions %j', async (signatures, partitions) => {
    await look(signatures, partitions);
  });

  it.each([
    [['gpt', 'gpt', 'PMBR'], /partition table of \/dev\/sda has no partition/],
    [['PMBR'], /has no partition/],
    [['dos'], /has no partition/],
  ])('is refused with %j and no partition', async (signatures, why) => {
    await expect(look(signatures, '')).rejects.toMatchObject({
      type: 'DeploymentError',
      details: expect.stringMatching(why),
    });
  });

  it('is refused without anything', async () => {
    await expect(look([], null)).rejects.toThrow(/neither a partition table nor a file system/);
  });
});
