import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The line that ends what the script printed. */
export const probeEnd = 'PROBE END';

const unit = (waitFor: string) => `[Unit]
Description=Probe of a test
After=ironic-node-agent.service

[Service]
TimeoutStartSec=infinity
ExecStartPre=/bin/sh -c 'until journalctl -u ironic-node-agent --grep="${waitFor}" --quiet | grep -q .; do sleep 2; done'
ExecStart=/opt/probe.sh
ExecStopPost=/bin/echo ${probeEnd}
StandardOutput=journal
SyslogIdentifier=PROBE
`;

/** A cpio archive of `folder` in the format that Linux takes for an initramfs. */
function archive(folder: string): Buffer {
  const names = execFileSync('find', ['.', '-mindepth', '1'], { cwd: folder });
  const made = execFileSync('cpio', ['--quiet', '-o', '-H', 'newc'], { cwd: folder, input: names });
  return Buffer.concat([made, Buffer.alloc((512 - (made.length % 512)) % 512)]);
}

/**
 * A copy of a ramdisk that runs `script` once the agent's journal has a line with `waitFor`. It uses what the ramdisk
 * offers to operators: files of an appended archive replace those of the image. `files` adds more of them, by path.
 */
export function withProbe(
  initramfs: string,
  output: string,
  script: string,
  waitFor: string,
  files: Readonly<Record<string, string>> = {},
): void {
  const folder = mkdtempSync(join(tmpdir(), 'ramdisk-probe-'));
  try {
    const units = join(folder, 'etc/systemd/system');
    mkdirSync(join(units, 'multi-user.target.wants'), { recursive: true });
    mkdirSync(join(folder, 'opt'));
    writeFileSync(join(folder, 'opt/probe.sh'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'opt/probe.sh'), 0o755);
    writeFileSync(join(units, 'probe.service'), unit(waitFor));
    symlinkSync('../probe.service', join(units, 'multi-user.target.wants/probe.service'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    cpSync(initramfs, output);
    writeFileSync(output, archive(folder), { flag: 'a' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the script printed, without the journal's prefixes. */
export function probeLines(serial: readonly string[]): readonly string[] {
  return serial.flatMap((line) => /\bPROBE\[\d+\]: (.*)$/.exec(line)?.slice(1) ?? []);
}

/** Names in a list of the element, remarks left out. */
export function elementList(name: string): readonly string[] {
  const path = join(import.meta.dirname, '../../dib-elements/ironic-node-agent-ramdisk/agent-ramdisk', name);
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}
