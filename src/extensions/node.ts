import type { Node } from '../core/index.ts';

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const FIELDS = ['properties', 'instance_info', 'driver_info', 'driver_internal_info'] as const;

/** The node object of a request; null without one. Null or odd sub-objects count as absent. */
export function readNode(raw: unknown): Node | null {
  if (!isRecord(raw)) return null;
  const { uuid, properties, instance_info, driver_info, driver_internal_info, ...rest } = raw;
  const given = { properties, instance_info, driver_info, driver_internal_info };
  const objects = FIELDS.flatMap((key) => (isRecord(given[key]) ? [[key, given[key]]] : []));
  return { ...rest, ...(typeof uuid === 'string' ? { uuid } : {}), ...Object.fromEntries(objects) };
}

/** What only a lookup tells stays when a command brings the same node: it knows the conductor's record alone (protocol.md 4.4). */
export function withLookedUp(node: Node, known: Node | null): Node {
  const isSame = known !== null && known.uuid === node.uuid;
  return isSame && known.skip_bmc_detect === true ? { ...node, skip_bmc_detect: true } : node;
}
