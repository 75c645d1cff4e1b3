import { readFileSync } from 'node:fs';

/** What a process itself costs, in MiB: its anonymous memory. */
export function privateMiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Anonymous:\s+(\d+) kB/m.exec(text)?.[1]) / 1024;
}

/** A deploy step that this agent does not have, with a config drive of `mebibytes` in the node or in its arguments. */
export function bulkyStep(where: 'node' | 'arguments', mebibytes: number) {
  const configdrive = 'Q29uZmlnRHJpdmU0'.repeat((mebibytes * 1024 * 1024) / 16);
  const inNode = where === 'node';
  return {
    step: { step: 'no_such_step', interface: 'deploy', ...(inNode ? {} : { args: { configdrive } }) },
    node: { uuid: 'f0c1', instance_info: { root_device: { wwn: '0x5' }, ...(inNode ? { configdrive } : {}) } },
    ports: [],
  };
}
