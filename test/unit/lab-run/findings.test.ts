import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { diskReason, lastAgentLines, unpackAgentLogs } from '../../../lab/run/agent-logs.ts';
import { readInventory } from '../../../lab/run/inventory.ts';
import { readWritten } from '../../../lab/run/written.ts';
import { foreignImage } from '../../../lab/scenario/foreign-image.ts';
import { createTimeline } from '../../../lab/timeline/index.ts';

const scratch = await mkdtemp(join(tmpdir(), 'lab-findings-'));
afterAll(() => rm(scratch, { recursive: true }));

const journal = [
  'Nov 20 12:00:00 host systemd[1]: Started something',
  'Nov 20 12:00:01 host ironic-node-agent[7]: 2026 INFO disk.root.chosen disk=/dev/vda why="smallest of 2: \\"4 GiB\\"" table=x',
  'Nov 20 12:00:02 host ironic-node-agent[7]: 2026 INFO image.done',
].join('\n');

describe('what the lab reads out of the agent’s answers', () => {
  it('summarises an inventory and tolerates missing parts', () => {
    const inventory = {
      cpu: { model_name: 'QEMU', count: 2, architecture: 'x86_64' },
      memory: { physical_mb: 2048, total: 1 },
      boot: { current_boot_mode: 'uefi' },
      system_vendor: { manufacturer: 'Lab', product_name: 'Server', serial_number: '1' },
      bmc_address: '0.0.0.0',
      disks: [{ name: '/dev/vda', size: 1024, serial: null }],
      interfaces: [{ name: 'eth0', mac_address: '52:54:00:00:00:01', ipv4_address: null }],
    };
    expect(readInventory({ inventory, root_disk: null })).toEqual({
      cpu: '2 x QEMU',
      memoryMiB: 2048,
      bootMode: 'uefi',
      vendor: 'Lab Server 1',
      bmcAddress: null,
      disks: [{ name: '/dev/vda', size: 1024, model: null, serial: null }],
      nics: [{ name: 'eth0', mac: '52:54:00:00:00:01', address: null }],
    });
    expect(readInventory({ inventory: {} })?.disks).toEqual([]);
    expect(readInventory(null)).toBeNull();
  });

  it('compares the digest of the agent with its own', () => {
    const result = {
      result: 'text',
      device: '/dev/vda',
      format: 'qcow2',
      wire_bytes: 1,
      disk_bytes: 2,
      virtual_size: 3,
      algorithm: 'sha256',
      digest: 'AB',
      duration_ms: 4,
    };
    const sizes = { fileSize: 1, virtualSize: 3 };
    const image = { ...sizes, path: '', format: 'qcow2', expect: '', partition: false, ours: true, source: '' };
    expect(readWritten(result, { ...image, sha256: 'ab' }, 'why')).toMatchObject({ verified: true, why: 'why' });
    expect(readWritten(result, { ...image, sha256: 'cd' }, null)?.verified).toBe(false);
    expect(readWritten({ result: 'text' }, { ...image, sha256: 'ab' }, null)).toBeNull();
  });

  it('finds the reason of the disk choice and the agent’s own lines in a journal', () => {
    expect(diskReason(journal)).toBe('smallest of 2: "4 GiB"');
    expect(diskReason('nothing')).toBeNull();
    expect(lastAgentLines(journal)).toHaveLength(2);
  });

  it('unpacks log archives without leaving their folder, and passes over damaged ones', async () => {
    const archive = pack();
    archive.entry({ name: 'journal' }, journal);
    archive.entry({ name: '../../evil' }, 'x');
    archive.entry({ name: 'agent/commands.json' }, JSON.stringify([{ command_result: { deploy_result: 7 } }, {}]));
    archive.finalize();
    await writeFile(join(scratch, 'a.tar.gz'), gzipSync(await buffer(archive)));
    await writeFile(join(scratch, 'b.tar.gz'), 'not gzip');
    const logs = await unpackAgentLogs(scratch);
    expect(logs).toEqual({ folders: [join(scratch, 'a')], journal, deployResult: 7 });
    expect(await readFile(join(scratch, 'a', 'evil'), 'utf8')).toBe('x');
    expect(await unpackAgentLogs(join(scratch, 'absent'))).toEqual({ folders: [], journal: '', deployResult: null });
  });
});

describe('a foreign image', () => {
  const timeline = createTimeline(() => undefined, Date.now);
  const look = (source: string, imageFormat: string | null = null) =>
    foreignImage(
      { source, imageFormat, expect: 'login:', partitionImage: false },
      scratch,
      timeline,
      AbortSignal.timeout(5000),
    );

  it('is recognised and measured', async () => {
    const head = Buffer.alloc(4096);
    head.writeUInt32BE(0x514649fb, 0);
    head.writeBigUInt64BE(1n << 30n, 24);
    await writeFile(join(scratch, 'x.qcow2'), head);
    expect(await look(join(scratch, 'x.qcow2'))).toMatchObject({
      format: 'qcow2',
      virtualSize: 2 ** 30,
      fileSize: 4096,
      ours: false,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    await writeFile(join(scratch, 'x.raw'), 'abc');
    expect(await look(join(scratch, 'x.raw'))).toMatchObject({ format: 'raw', virtualSize: 3 });
  });

  it('that is not there is an error by name', async () => {
    await expect(look('/no/such.img')).rejects.toThrow('/no/such.img');
    await expect(look('http://127.0.0.1:1/x.img')).rejects.toThrow('127.0.0.1:1/x.img');
  });
});
