import { formatBytes, type Progress } from '../../core/index.ts';
import { callbackUrl, createHeartbeat, type Heartbeat } from '../../ironic/index.ts';
import type { Hub } from '../hub.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { BootFacts } from './facts.ts';
import type { MachinePorts } from './phases/index.ts';

/** The node's record keeps it in a column of limited length. */
const LONGEST_MESSAGE = 200;

const amount = (value: number, unit: Progress['unit']) => (unit === 'bytes' ? formatBytes(value) : String(value));

const progressOf = ({ phase, done, total, unit, on }: Progress): string => {
  const share = total === null || total <= 0 ? '' : ` ${Math.floor((100 * done) / total)}%`;
  const of = total === null ? '' : ` of ${amount(total, unit)}`;
  return `${phase}${share} ${amount(done, unit)}${of}${on === undefined ? '' : ` on ${on}`}`;
};

/** `deploy.execute_deploy_step: write 41% 1.2 GiB of 3.0 GiB on /dev/sda`, for `agent_status_message` (protocol.md 5.6). */
export function statusMessage(hub: Pick<Hub, 'snapshot'>): string {
  const { command } = hub.snapshot();
  if (command === null) return 'no command runs';
  const progress = command.progress === null ? '' : `: ${progressOf(command.progress)}`;
  return `${command.name}${progress}`.slice(0, LONGEST_MESSAGE);
}

/** The heartbeat of a booted agent; null without a conductor (protocol.md 5.1). */
export function heartbeatOf(
  facts: BootFacts,
  ports: MachinePorts,
  store: SettingsStore,
  { hub, version }: { readonly hub: Hub; readonly version: string },
): Heartbeat | null {
  const { api, lookup, callbackHost, certificate } = facts;
  if (api === undefined || lookup === undefined || callbackHost === undefined) return null;
  const config = store.config();
  const protocol = certificate === undefined ? config.advertiseProtocol : 'https';
  return createHeartbeat(ports, api, {
    nodeUuid: lookup.node.uuid,
    callbackUrl: callbackUrl(protocol, callbackHost, config.advertisePort),
    token: store.token(),
    agentVersion: version,
    certificatePem: certificate?.certPem ?? null,
    intervalMs: lookup.heartbeatTimeoutMs,
    ...(config.heartbeatProgress ? { statusMessage: () => statusMessage(hub) } : {}),
  });
}
