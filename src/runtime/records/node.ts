import { type Log, type Node, reasonOf } from '../../core/index.ts';
import { type NodeRecord, readNode } from '../../extensions/index.ts';
import { withoutBulk } from './bulk.ts';

export interface NodeRecordOptions {
  /** Known before the agent restarted. */
  readonly first?: Node | null;
  /** Gets every node object, so that a restart finds it. */
  readonly keep?: (node: Node) => void;
  readonly log: Log;
  readonly onChange: (node: Node) => void;
  /** Waits, bounded, until the root disk of a newly seen node appears; never fatal (steps.md 1.6). */
  readonly waitForRootDisk: (node: Node, signal: AbortSignal) => Promise<void>;
  /** Asks the conductor for the node once more (protocol.md 4.5); null when that is not possible. */
  readonly lookUpAgain: (signal: AbortSignal) => Promise<Node | null>;
}

/**
 * The one owner of the node object: filled by lookup, replaced by each command that brings its own. It stays for the
 * life of the agent, so it is kept without the config drive that a deployment puts into it.
 */
export function createNodeRecord(options: NodeRecordOptions): NodeRecord {
  let known = options.first ?? null;
  const keep = (given: Node): boolean => {
    const node = readNode(withoutBulk(given)) ?? {};
    const isNew = known?.uuid !== node.uuid || known === null;
    known = node;
    options.keep?.(node);
    if (isNew) options.onChange(node);
    return isNew;
  };
  const settle = async (node: Node, signal: AbortSignal) => {
    try {
      await options.waitForRootDisk(node, signal);
    } catch (error) {
      signal.throwIfAborted();
      options.log.warn('node.root_disk.absent', { node: node.uuid, reason: reasonOf(error) });
    }
  };
  return {
    current: () => known,
    adopt: async (node, signal) => {
      if (keep(node)) await settle(node, signal);
    },
    refresh: async (signal) => {
      try {
        const node = await options.lookUpAgain(signal);
        if (node !== null) keep(node);
      } catch (error) {
        signal.throwIfAborted();
        options.log.warn('node.refresh.failed', { reason: reasonOf(error) });
      }
      return known;
    },
  };
}
