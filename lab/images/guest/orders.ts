import { appendFile, copyFile } from 'node:fs/promises';
import { cpioArchive } from '../cpio.ts';

/** What the lab writes to the serial console of a ramdisk that takes orders. */
export const KILL_ORDER = 'lab: kill the agent';

const UNIT = 'etc/systemd/system/lab-orders.service';
const SCRIPT = `#!/bin/sh
while read -r order; do
    case $order in *'${KILL_ORDER}'*) kill -9 "$(systemctl show -P MainPID ironic-node-agent.service)" ;; esac
done < /dev/ttyS0
`;
const SERVICE = `[Unit]
Description=Orders of the lab
[Service]
ExecStart=/opt/lab-orders
Restart=always
`;

/**
 * A copy of a ramdisk that takes orders from its serial console: as an operator's own files, an appended archive adds
 * to those of the image.
 */
export async function ramdiskWithOrders(initramfs: string, output: string): Promise<void> {
  await copyFile(initramfs, output);
  const link = 'etc/systemd/system/multi-user.target.wants/lab-orders.service';
  const archive = cpioArchive([
    { kind: 'file', path: 'opt/lab-orders', data: Buffer.from(SCRIPT), executable: true },
    { kind: 'file', path: UNIT, data: Buffer.from(SERVICE) },
    { kind: 'link', path: link, target: '../lab-orders.service' },
  ]);
  await appendFile(output, archive);
}
