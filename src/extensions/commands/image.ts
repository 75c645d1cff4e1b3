import { Type } from 'typebox';
import { type Command, CommandExecutionFailed, defineCommand, type Run } from '../../core/index.ts';
import { DeviceNotFound, type Disk, findRootDisk, listDisks } from '../../hardware/index.ts';
import { InvalidImage, installBootloader } from '../../image/index.ts';
import type { AgentPorts } from '../ports.ts';

const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** The disk that the image went to, while it is still there; else the disk that it would go to. */
async function targetDisk({ ports, node, signal }: Run<AgentPorts>): Promise<Disk> {
  const path = ports.written.current()?.disk;
  const known = path === undefined ? [] : await listDisks(ports.hardware, signal);
  const written = known.find((disk) => disk.path === path);
  if (written !== undefined) return written;
  return (await findRootDisk(ports.hardware, node, { parity: ports.settings.rootDiskParity }, signal)).disk;
}

const install = defineCommand({
  name: 'image.install_bootloader',
  kind: 'async',
  doc: 'Make the written image bootable: on UEFI machines create its boot entry; where that is allowed, run the boot loader programs of a partition image.',
  result: 'none',
  params: Type.Object({
    root_uuid: Type.Union([Type.String(), Type.Null()]),
    efi_system_part_uuid: OptionalText,
    prep_boot_part_uuid: OptionalText,
    target_boot_mode: Type.Optional(Type.Union([Type.Literal('bios'), Type.Literal('uefi')])),
    ignore_bootloader_failure: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  }),
  throws: [InvalidImage, DeviceNotFound, CommandExecutionFailed],
  run: async (params, run: Run<AgentPorts>) => {
    const { ports, signal, log, progress } = run;
    const request = {
      rootUuid: params.root_uuid,
      efiSystemPartUuid: params.efi_system_part_uuid ?? null,
      prepBootPartUuid: params.prep_boot_part_uuid ?? null,
      targetBootMode: params.target_boot_mode ?? 'bios',
      ignoreFailure: params.ignore_bootloader_failure ?? ports.settings.ignoreBootloaderFailure,
      mayRunImage: ports.settings.biosBootloaderInstall,
    } as const;
    const warnings = await installBootloader(ports.image, await targetDisk(run), request, progress, signal);
    for (const warning of warnings) log.warn('bootloader.warning', { warning });
  },
});

export const imageCommands: readonly Command<AgentPorts>[] = [install];
