import { keyOf } from '../../../config/index.ts';
import { type Discovered, discover, ServiceNotFound } from '../../../ironic/index.ts';
import { type Wanted, wantedOfMdns } from '../../settings/index.ts';
import type { Phase } from '../facts.ts';
import type { BootContext } from './context.ts';

const ORIGIN = 'multicast DNS';

/** Where the reference's collector posts to, on a discovered inspection service. */
const INSPECTOR_PATH = '/v1/continue';

/** `{ntp_server: 'a'}` by the keys of `Config`. */
const byKey = (overrides: Discovered['overrides']) =>
  Object.fromEntries(Object.entries(overrides).map(([name, value]) => [keyOf({ section: 'DEFAULT', name }), value]));

/**
 * Puts what the local network announces in the place of the literal `mdns`, and of no address when `use_mdns` asks.
 * `wanted` says which services those are.
 * @throws ServiceNotFound when what must be found is not announced
 */
export async function findServices(
  { ports, settings }: Pick<BootContext, 'ports' | 'settings'>,
  { api, inspector }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  const config = settings.config();
  const how = {
    attempts: config.mdnsLookupAttempts,
    interfaces: config.mdnsInterfaces,
    allowedOverrides: config.mdnsAllowedOverrides,
  };
  if (inspector) {
    const { url, overrides } = await discover(ports, 'baremetal-introspection', how, signal);
    settings.override({ ...byKey(overrides), inspectionCallbackUrl: `${url}${INSPECTOR_PATH}` }, ORIGIN);
  }
  if (api === 'no') return;
  try {
    const { url, overrides } = await discover(ports, 'baremetal', how, signal);
    settings.override({ ...byKey(overrides), apiUrl: url }, ORIGIN);
  } catch (error) {
    if (api === 'must' || !ServiceNotFound.is(error)) throw error;
    ports.log.warn('mdns.silent', { reason: error.details, next: 'the agent does without a conductor' });
  }
}

/** Start-up step 5: addresses that the local network has to tell. A literal `mdns` is waited for, for ever. */
export const discoverServices = (context: BootContext): Phase => ({
  state: 'starting',
  waitsFor: 'Ironic to be announced by multicast DNS',
  when: () => {
    const { api, inspector } = wantedOfMdns(context.settings.config());
    return api !== 'no' || inspector;
  },
  run: async (facts, signal) => {
    await findServices(context, wantedOfMdns(context.settings.config()), signal);
    return facts;
  },
});
