import { describe, expect, it } from 'vitest';
import { lookupNode, writeImageStep } from '../../../lab/conductor/documents.ts';
import { newNode } from '../../../lab/conductor/store.ts';

const nodeWith = (instance_info: Readonly<Record<string, unknown>>, configdrive: string | null = null) =>
  newNode({
    ...{ uuid: 'n-1', name: 'server', macs: ['52:54:00:00:00:01'], firmware: 'uefi', properties: {}, driver_info: {} },
    instance_info: { image_source: 'http://h/os.raw', image_disk_format: 'raw', ...instance_info },
    configdrive,
  });

describe('write_image as the lab orders it (protocol.md 8.3)', () => {
  const common = { id: 'os.raw', urls: ['http://h/os.raw'], disk_format: 'raw', stream_raw_images: true };

  it('a whole disk has no key of a partition image', () => {
    const { image_info } = writeImageStep(nodeWith({ image_type: 'whole-disk', root_gb: 5 }, 'drive')).args;
    expect(image_info).toMatchObject({ ...common, configdrive: 'drive' });
    for (const key of ['image_type', 'root_mb', 'deploy_boot_mode']) expect(image_info).not.toHaveProperty(key);
  });

  it('a partition image comes with what is wanted around it, in MiB', () => {
    const wishes = { root_gb: 2, swap_mb: 64, ephemeral_gb: 1, ephemeral_format: 'xfs' };
    const node = nodeWith({ image_type: 'partition', ...wishes });
    expect(writeImageStep(node).args.image_info).toMatchObject({
      ...common,
      ...{ image_type: 'partition', root_mb: 2048, swap_mb: 64, ephemeral_mb: 1024, ephemeral_format: 'xfs' },
      ...{ preserve_ephemeral: false, deploy_boot_mode: 'uefi', boot_option: 'local', kernel: null, ramdisk: null },
    });
    expect(lookupNode(node, 'http://api').driver_internal_info).toMatchObject({ is_whole_disk_image: false });
    expect(lookupNode(nodeWith({}), 'http://api').driver_internal_info).toMatchObject({ is_whole_disk_image: true });
  });
});
