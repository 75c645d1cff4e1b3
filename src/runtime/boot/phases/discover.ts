import { keyOf } from '../../../config/index.ts';
import { type Discovered, discover, ServiceNotFound } from '../../../ironic/index.ts';
import { apiUrls, type Wanted, wantedOfMdns } from '../../settings/index.ts';
import type { BootFacts, Phase } from '../facts.ts';
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

/** What was announced once is waited for: a moment of silence must not leave the machine without a conductor. */
function wantedNow({ settings }: Pick<BootContext, 'settings'>, { announced }: BootFacts): Wanted {
  const wanted = wantedOfMdns(settings.config());
  return announced === true && wanted.api === 'may' ? { ...wanted, api: 'must' } : wanted;
}

/**
 * Start-up step 5: addresses that the local network has to tell. A literal `mdns` is waited for, for ever. Here the boot
 * starts over: with the settings from before the search, and with another look at the machine.
 */
export function discoverServices(context: BootContext): Phase {
  const { settings } = context;
  const before = settings.resolved();
  return {
    state: 'starting',
    waitsFor: 'Ironic to be announced by multicast DNS',
    when: () => {
      const { api, inspector } = wantedOfMdns(settings.config());
      return api !== 'no' || inspector;
    },
    run: async (facts, signal) => {
      const wanted = wantedNow(context, facts);
      await findServices(context, wanted, signal);
      return wanted.api !== 'no' && apiUrls(settings.config()).length > 0 ? { ...facts, announced: true } : facts;
    },
    forget: ({ inventory: _inventory, heard: _heard, ...kept }) => {
      settings.restore(before);
      return kept;
    },
  };
}
