import { collectInventory, type Inventory } from '../../../hardware/index.ts';
import { createApi, lookup } from '../../../ironic/index.ts';
import { apiSettings, apiUrls } from '../../settings/index.ts';
import type { BootEnd, BootFacts, Phase } from '../facts.ts';
import type { BootContext } from './context.ts';

async function inventoryOf({ ports, bootif }: BootContext, facts: BootFacts, signal: AbortSignal): Promise<Inventory> {
  return facts.inventory ?? (await collectInventory(ports, { bootif, skipBmc: false }, signal)).inventory;
}

/** Start-up steps 12 and 13: which node is this, what is its token, what does the conductor want set. */
export const lookUp = (context: BootContext): Phase => ({
  state: 'looking up',
  waitsFor: 'the conductor to tell which node this is',
  when: () => apiUrls(context.settings.config()).length > 0,
  run: async (facts, signal): Promise<BootFacts | BootEnd> => {
    const { ports, settings, nodes } = context;
    const config = settings.config();
    const api = createApi(ports, apiSettings(config));
    const inventory = await inventoryOf(context, facts, signal);
    const request = {
      macs: inventory.interfaces.map((nic) => nic.mac_address),
      // Read at every attempt: a callback that is still tried may answer meanwhile.
      get nodeUuid() {
        return facts.inspectedUuid ?? facts.lateUuid?.() ?? null;
      },
      timeoutMs: config.lookupTimeout * 1000,
      intervalMs: config.lookupInterval * 1000,
      knownToken: settings.token(),
    };
    const found = await lookup(ports, api, request, signal);
    if (found.token.kind === 'masked-unknown')
      return { end: 'fatal-token', why: 'the conductor gave the token of this boot to an earlier run of the agent' };
    if (found.token.value !== null) settings.setToken(found.token.value);
    settings.override(found.config, 'lookup answer');
    await nodes.adopt(found.node, signal);
    return { ...facts, inventory, api, lookup: found, node: found.node };
  },
});
