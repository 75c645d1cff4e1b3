import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CONTAINERS_CONF = `[engine]
no_pivot_root = true
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
`;

/** Images, containers and settings of podman live in mounts that only the processes in here see. */
const SETUP = (dir: string) => `set -e
umount -R /sys/fs/cgroup 2>/dev/null || :
mount -t cgroup2 none /sys/fs/cgroup
for place in /run /etc/containers /var/lib/containers; do mkdir -p $place; mount -t tmpfs none $place; done
cp ${dir}/containers.conf /etc/containers/
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
echo ready
exec sleep 3600
`;

export interface PrivatePodman {
  /** Folder for PATH: its `podman` is the machine's, among mounts of its own. */
  readonly bin: string;
  /** Its output. */
  run(...args: readonly string[]): string;
  /** Stores an image of one static program under `dir/<tag>` in OCI layout: `script` is what its containers run. */
  makeImage(tag: string, script: string): string;
  close(): void;
}

/** The real podman, apart from whatever the machine itself runs with it. */
export async function privatePodman(): Promise<PrivatePodman> {
  const dir = mkdtempSync(join(tmpdir(), 'private-podman-'));
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(dir, 'containers.conf'), CONTAINERS_CONF);
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', SETUP(dir)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const first = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  if (!Buffer.isBuffer(first[0])) throw new Error('podman cannot have mounts of its own here');
  const podman = join(bin, 'podman');
  writeFileSync(podman, `#!/bin/sh\nexec nsenter --target ${holder.pid} --mount /usr/bin/podman "$@"\n`);
  chmodSync(podman, 0o755);
  const run = (...args: readonly string[]) =>
    execFileSync(podman, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return {
    bin,
    run,
    makeImage: (tag, script) => {
      const root = join(dir, 'root', tag);
      mkdirSync(join(root, 'bin'), { recursive: true });
      copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
      for (const name of ['sh', 'cat', 'echo', 'sleep', 'env']) symlinkSync('busybox', join(root, 'bin', name));
      writeFileSync(join(root, 'step.sh'), script);
      const tar = join(dir, `${tag}.tar`);
      execFileSync('tar', ['-C', root, '-cf', tar, '.']);
      run('import', '--quiet', '--change', 'CMD ["/bin/sh", "/step.sh"]', tar, `localhost/${tag}:1`);
      const layout = join(dir, 'images', tag);
      mkdirSync(join(dir, 'images'), { recursive: true });
      run('push', '--quiet', `localhost/${tag}:1`, `oci:${layout}:1`);
      run('rmi', `localhost/${tag}:1`);
      return layout;
    },
    close: () => {
      execFileSync(podman, ['rm', '--force', '--all'], { stdio: 'ignore' });
      holder.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
