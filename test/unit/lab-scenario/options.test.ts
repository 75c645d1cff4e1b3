import { describe, expect, it } from 'vitest';
import { helpText, readOptions } from '../../../lab/scenario/options.ts';

describe('options of the lab', () => {
  it('has defaults that run as they are', () => {
    expect(readOptions([])).toMatchObject({
      firmware: 'uefi',
      disks: [
        { bus: 'nvme', sizeMiB: 5120, serial: 'LAB-DISK-1' },
        { bus: 'virtio', sizeMiB: 8192, serial: 'LAB-DISK-2' },
      ],
      image: null,
      apiVersion: 115,
      memoryMiB: 2048,
      until: 'deploy',
      fastTrack: true,
      ironic: false,
    });
  });

  it('reads every option', () => {
    const argv = ['--firmware', 'bios', '--disk', 'sata:4096:A-1', '--disk', 'scsi:6000', '--api-version', '1.82'];
    const more = [
      '--hints',
      '{"serial":"A-1"}',
      '--no-fast-track',
      '--console',
      '--until',
      'clean',
      '--boot-timeout',
      '90',
    ];
    expect(readOptions([...argv, ...more])).toMatchObject({
      firmware: 'bios',
      disks: [
        { bus: 'sata', sizeMiB: 4096, serial: 'A-1' },
        { bus: 'scsi', sizeMiB: 6000, serial: 'LAB-DISK-2' },
      ],
      hints: { serial: 'A-1' },
      apiVersion: 82,
      fastTrack: false,
      keep: true,
      console: true,
      until: 'clean',
      bootTimeoutMs: 90_000,
    });
  });

  it.each([
    [['--firmware', 'efi'], '--firmware efi'],
    [['--disk', 'ide:10'], '--disk ide:10'],
    [['--disk', 'nvme:big'], '--disk nvme:big'],
    [['--disk', 'nvme:10:a b'], '--disk nvme:10:a b'],
    [['--memory', '12'], '--memory 12'],
    [['--hints', '[]'], '--hints []'],
    [['--api-version', '2.0'], '--api-version 2.0'],
    [['--until', 'boot'], '--until boot'],
    [['--inspector'], '--inspector is possible under the real Ironic only'],
    [['--kill-agent'], '--kill-agent is possible under the real Ironic only'],
    [['--rescue'], '--rescue is possible under the real Ironic only'],
    [['--disable-power-off', '--ironic'], '--disable-power-off is possible under the embedded conductor only'],
    [['--nope'], '--nope'],
  ])('refuses %j by name', (argv, named) => {
    expect(() => readOptions(argv)).toThrow(named);
  });

  it('documents every option that it reads', () => {
    const help = helpText();
    for (const option of [
      'firmware',
      'disk',
      'image',
      'hints',
      'keep',
      'console',
      'ironic',
      'inspector',
      'rescue',
      'json',
      'work-dir',
    ])
      expect(help).toContain(`--${option}`);
    expect(help.split('\n').every((line) => line.length <= 120)).toBe(true);
  });
});
