import { MiB, type Node, reasonOf, redact } from '../../../core/index.ts';
import type { HardwarePorts } from '../../ports.ts';

/** Places inside every container of a step. */
const INSIDE = { node: '/run/ironic-node-agent/node.json', out: '/run/ironic-node-agent/out' };
const RESULT = 'result.json';

/** What agent and container give each other. */
export interface Exchange {
  /** Arguments of the runner. */
  readonly arguments: readonly string[];
  /** The JSON that the container left as its result; null when it left none that can be read. */
  result(): Promise<unknown>;
  close(): Promise<void>;
}

/** Only a plain file: a link could lead to what is ours. */
async function readResult({ files, log }: HardwarePorts, path: string): Promise<unknown> {
  if ((await files.kind(path)) === null && (await files.link(path)) === null) return null;
  try {
    if ((await files.link(path)) !== null || (await files.kind(path)) !== 'file')
      throw new Error('it is no plain file');
    const data = await files.head(path, MiB + 1);
    if (data.byteLength > MiB) throw new Error('it is longer than 1 MiB');
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch (error) {
    log.warn('container.result.ignored', { reason: reasonOf(error) });
    return null;
  }
}

/** The node without secrets to read, a folder to write a result to; both end with the step. */
export async function openExchange(
  ports: HardwarePorts,
  { step, node, secrets }: { readonly step: string; readonly node: Node | null; readonly secrets: readonly string[] },
): Promise<Exchange> {
  const { files } = ports;
  const dir = await files.makeTempDir('ironic-container-');
  await files.write(`${dir}/node.json`, `${JSON.stringify(redact(node, secrets), null, 2)}\n`, { mode: 0o444 });
  // The folder above is for root alone; a container with users of its own must be able to write in this one.
  await files.makeDir(`${dir}/out`, 0o777);
  return {
    arguments: [
      `--volume=${dir}/node.json:${INSIDE.node}:ro`,
      `--volume=${dir}/out:${INSIDE.out}`,
      `--env=IRONIC_STEP=${step}`,
      `--env=IRONIC_NODE_UUID=${node?.uuid ?? ''}`,
      `--env=IRONIC_NODE_FILE=${INSIDE.node}`,
      `--env=IRONIC_RESULT_FILE=${INSIDE.out}/${RESULT}`,
    ],
    result: () => readResult(ports, `${dir}/out/${RESULT}`),
    close: () => files.remove(dir),
  };
}
