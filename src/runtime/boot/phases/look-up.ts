import { reasonOf } from '../../../core/index.ts';
import { collectInventory, type Inventory } from '../../../hardware/index.ts';
import {
  type ConductorApi,
  createApi,
  formatVersion,
  LookupFailed,
  type LookupResult,
  lookup,
  parseVersion,
} from '../../../ironic/index.ts';
import { plainSettings } from '../../memory/index.ts';
import { apiSettings, apiUrls } from '../../settings/index.ts';
import type { BootEnd, BootFacts, Phase } from '../facts.ts';
import type { BootContext } from './context.ts';

/** An agent that restarted asks anew, but not for long: a node under way may not be open to lookups any more. */
const RESTARTED_MS = 20_000;

async function inventoryOf({ ports, bootif }: BootContext, facts: BootFacts, signal: AbortSignal): Promise<Inventory> {
  return facts.inventory ?? (await collectInventory(ports, { bootif, skipBmc: false }, signal)).inventory;
}

/** What the lookup of an earlier run said; null when there was none, or its token is gone. */
function earlierLookup({ memory, settings, nodes }: BootContext): LookupResult | null {
  const { lookup: said } = memory.before.facts;
  const node = nodes.current();
  const token = settings.token();
  if (said === null || token === null || node?.uuid === undefined) return null;
  return {
    node: { ...node, uuid: node.uuid },
    heartbeatTimeoutMs: said.heartbeatTimeoutMs,
    token: { kind: 'kept', value: token },
    config: said.config,
    warnings: [],
  };
}

async function answer(
  context: BootContext,
  api: ConductorApi,
  macs: readonly string[],
  facts: BootFacts,
  signal: AbortSignal,
) {
  const { ports, settings, memory } = context;
  const config = settings.config();
  const earlier = earlierLookup(context);
  const timeoutMs = config.lookupTimeout * 1000;
  const request = {
    macs,
    // Read at every attempt: a callback that is still tried may answer meanwhile.
    get nodeUuid() {
      return facts.inspectedUuid ?? facts.late?.uuid() ?? memory.before.facts.inspection?.uuid ?? null;
    },
    timeoutMs: earlier === null ? timeoutMs : Math.min(timeoutMs, RESTARTED_MS),
    intervalMs: config.lookupInterval * 1000,
    knownToken: settings.token(),
  };
  try {
    return await lookup(ports, api, request, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (earlier === null) throw error;
    ports.log.warn('lookup.remembered', {
      node: earlier.node.uuid,
      why: reasonOf(error),
      effect: 'the agent goes on with what the conductor said before the restart',
    });
    return earlier;
  }
}

/** A node must not see, and no conductor act upon, what was done while the machine was another node. */
async function partFromOther({ ports, memory, forgetWork }: BootContext, node: string): Promise<void> {
  const { lookup: said, node: known } = memory.before.facts;
  const earlier = said?.node ?? known?.uuid;
  if (typeof earlier !== 'string' || earlier === node) return;
  const forgotten = await forgetWork();
  ports.log.warn('memory.other_node', {
    before: earlier,
    now: node,
    forgotten,
    effect: 'commands of the time before the restart are not shown any more',
  });
}

/** Start-up steps 12 and 13: which node is this, what is its token, what does the conductor want set. */
export const lookUp = (context: BootContext): Phase => ({
  state: 'looking up',
  waitsFor: 'the conductor to tell which node this is',
  when: () => apiUrls(context.settings.config()).length > 0,
  isStale: LookupFailed.is,
  run: async (facts, signal): Promise<BootFacts | BootEnd> => {
    const { ports, settings, nodes, memory, secrets } = context;
    const assumed = parseVersion(memory.before.facts.lookup?.apiVersion ?? null);
    const api = createApi(ports, { ...apiSettings(settings.config()), assumed });
    const inventory = await inventoryOf(context, facts, signal);
    const macs = inventory.interfaces.map((nic) => nic.mac_address);
    const found = await answer(context, api, macs, facts, signal);
    if (found.token.kind === 'masked-unknown')
      return { end: 'fatal-token', why: 'the conductor gave the token of this boot to an earlier run of the agent' };
    if (found.token.value !== null) settings.setToken(found.token.value);
    // Before anything that takes time: the conductor tells the token once.
    if (found.token.kind === 'new') await memory.keepToken(found.token.value);
    const { heartbeatTimeoutMs, config } = found;
    const apiVersion = formatVersion(await api.apiVersion(signal));
    const plain = plainSettings(config, secrets.values());
    await partFromOther(context, found.node.uuid);
    await memory.keepFacts({ lookup: { heartbeatTimeoutMs, config: plain, apiVersion, node: found.node.uuid } });
    settings.override(config, 'lookup answer');
    await nodes.adopt(found.node, signal);
    return { ...facts, inventory, api, lookup: found, node: found.node };
  },
});
