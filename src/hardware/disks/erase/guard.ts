import type { Node } from '../../../core/index.ts';
import { deepestFirst } from '../holders.ts';
import type { DiskFacts } from './facts.ts';

/** Data of shared storage that other machines may be using right now (steps 3.5). Compared in lower case. */
const SHARED_FILE_SYSTEMS: ReadonlySet<string> = new Set([
  'vmfs',
  'vmfs_volume_member',
  'gfs',
  'gfs2',
  'ocfs',
  'ocfs2',
  'oracleasm',
  'ceph_bluestore',
  'drbd',
  'vxfs',
]);
const SHARED_PARTITION_TYPES: ReadonlyMap<string, string> = new Map([
  ['37affc90-ef7d-4e96-91c3-2d7ae055b174', 'IBM Spectrum Scale (GPFS)'],
  ['aa31e02a-400f-11db-9590-000c2911d1b8', 'VMware VMFS'],
  ['0xfb', 'VMware VMFS'],
]);

export interface SharedData {
  readonly kname: string;
  /** `device: finding`. */
  readonly text: string;
}

/** What must not be erased on the disk; every descendant counts. */
export function sharedDataOn(facts: DiskFacts): readonly SharedData[] {
  return deepestFirst(facts.tree.root).flatMap((node) => {
    const found = (facts.signatures.get(node.kname) ?? [])
      .filter((signature) => SHARED_FILE_SYSTEMS.has(signature.type.toLowerCase()))
      .map((signature) => signature.type);
    const kind = SHARED_PARTITION_TYPES.get(facts.partTypes.get(node.partition ?? -1) ?? '');
    const all = kind === undefined ? found : [...found, `partition of ${kind}`];
    return all.map((what) => ({ kname: node.kname, text: `${node.path}: ${what}` }));
  });
}

/** The operator allows it per node: documented key first, internal key for older callers; true means wipe. */
export function mayWipeSharedData(node: Node | null): boolean {
  const said = [node?.driver_info, node?.driver_internal_info].map((info) => info?.wipe_special_filesystems);
  return said.some((value) => /^(true|1|yes|on)$/i.test(String(value ?? '').trim()));
}
