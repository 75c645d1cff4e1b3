import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A program that is called like podman and notes how. A container is a process of its own that outlives its client, as
 * with the real one; it does what `container.sh` says.
 */
const SCRIPT = (dir: string) => `#!/bin/bash
dir=${dir}
printf '%s\\n' "$*" >>"$dir/calls"
last=\${*: -1}
end() { kill -9 -- "-$(cat "$dir/running/$1")" 2>/dev/null; rm "$dir/running/$1" 2>/dev/null; }
case "$1" in
--version)
  [ "\${0##*/}" != podman ] || [ ! -e "$dir/broken" ] || exit 126
  echo 'podman version 4.3.1' ;;
image)
  grep -qxF "$last" "$dir/images" || { echo "Error: $last: image not known" >&2; exit 125; }
  echo sha256:0123 ;;
pull)
  [ ! -e "$dir/pull.sh" ] || . "$dir/pull.sh"
  echo "\${last#docker://}" >>"$dir/images" ;;
run)
  for word in "$@"; do
    case "$word" in
    --name=*) name=\${word#--name=} ;;
    --volume=*/run/ironic-node-agent/out) out=\${word#--volume=} out=\${out%%:*} ;;
    --volume=*/run/ironic-node-agent/node.json:ro) node=\${word#--volume=} node=\${node%%:*} ;;
    esac
  done
  grep -qxF "\${last#docker://}" "$dir/images" || { echo "Error: no such image" >&2; exit 125; }
  dir=$dir out=$out node=$node setsid bash "$dir/container.sh" &
  echo $! >"$dir/running/$name"
  trap '' TERM
  wait $!
  code=$?
  rm -f "$dir/running/$name"
  exit $code ;;
kill)
  [ -e "$dir/running/$2" ] || { echo "Error: no such container $2" >&2; exit 125; }
  end "$2" ;;
rm)
  shift 2
  for name in "$@"; do end "$name" || :; done ;;
rmi)
  grep -vxF "$last" "$dir/images" >"$dir/images.new"; mv "$dir/images.new" "$dir/images" ;;
ps)
  ls "$dir/running" ;;
*)
  echo "unknown: $*" >&2; exit 125 ;;
esac
`;

export interface ScriptedPodman {
  /** Holds `podman` and, as programs that do not run, what else runs containers. */
  readonly bin: string;
  /** Command lines in the order in which they came, without the name of the program. */
  calls(): readonly string[];
  /** What a container does, as a shell script; it knows `$dir`, `$out` and `$node`. */
  container(script: string): void;
  /** What a pull does before it succeeds. */
  pull(script: string): void;
  /** From now on not even its version is told. */
  breakDown(): void;
  /** The same program as `docker` as well. */
  alsoAsDocker(): void;
  /** A file that script or container wrote; empty without one. */
  text(name: string): string;
  write(name: string, text: string): void;
  remove(): void;
}

/** In a folder of its own below the system's folder for temporary files, or in `home`. */
export function scriptedPodman(home = mkdtempSync(join(tmpdir(), 'podman-'))): ScriptedPodman {
  const dir = join(home, 'podman');
  const bin = join(home, 'bin');
  for (const one of [join(dir, 'running'), bin]) mkdirSync(one, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  const text = (name: string) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '');
  const program = (name: string, script: string) => {
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  };
  write('images', '');
  write('calls', '');
  write('container.sh', 'true');
  program('podman', SCRIPT(dir));
  program('docker', '#!/bin/sh\nexit 127\n');
  return {
    bin,
    calls: () => text('calls').split('\n').filter(Boolean),
    container: (script) => write('container.sh', script),
    pull: (script) => write('pull.sh', script),
    breakDown: () => write('broken', ''),
    alsoAsDocker: () => program('docker', SCRIPT(dir)),
    text,
    write,
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
