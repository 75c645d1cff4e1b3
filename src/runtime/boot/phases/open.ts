import type { Config } from '../../../config/index.ts';
import { checkOperatorPair } from '../../../ironic/index.ts';
import type { BootFacts, Phase } from '../facts.ts';
import type { BootContext, ServerIdentity } from './context.ts';

/** Certificate files of the operator, when both are set. */
export function staticIdentity(config: Config): ServerIdentity | null {
  if (config.tlsCertFile === null || config.tlsKeyFile === null) return null;
  return { certPath: config.tlsCertFile, keyPath: config.tlsKeyFile };
}

/** The operator's pair, looked at: a mistake in it is said here and not by a client that cannot connect. */
async function identityOf(
  { ports, settings }: Pick<BootContext, 'ports' | 'settings'>,
  { certificate, callbackHost }: BootFacts,
): Promise<ServerIdentity | null> {
  if (certificate !== undefined) return certificate;
  const config = settings.config();
  const pair = staticIdentity(config);
  if (pair === null) return null;
  await checkOperatorPair(ports, pair, callbackHost ?? config.advertiseHost);
  if (config.advertiseProtocol === 'http' && callbackHost !== undefined)
    ports.log.error('certificate.not_advertised', {
      why: 'the API speaks TLS, but the conductor is told to call http; set advertise_protocol to https',
    });
  return pair;
}

/** Start-up step 16. */
export const open = (context: BootContext): Phase => ({
  state: 'securing',
  waitsFor: 'the API port',
  when: (facts) => facts.serving !== true,
  run: async (facts): Promise<BootFacts> => {
    await context.serve(await identityOf(context, facts));
    return { ...facts, serving: true };
  },
});
