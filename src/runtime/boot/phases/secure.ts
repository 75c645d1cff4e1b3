import { atLeast, findCallbackHost, makeCertificate, WITH_CERTIFICATE } from '../../../ironic/index.ts';
import { wantsAutomaticTls } from '../../settings/index.ts';
import type { BootFacts, Phase } from '../facts.ts';
import type { BootContext } from './context.ts';

/** Start-up step 15: the address the conductor calls back, and a certificate for it (protocol.md 5.5, 6). */
export const secure = (context: BootContext): Phase => ({
  state: 'securing',
  waitsFor: 'an address that the conductor can reach, and a certificate for it',
  when: (facts) => facts.api !== undefined,
  run: async (facts, signal): Promise<BootFacts> => {
    const { ports, settings } = context;
    const config = settings.config();
    if (facts.api === undefined) return facts;
    const search = {
      advertiseHost: config.advertiseHost,
      networkInterface: config.networkInterface,
      attempts: config.ipLookupAttempts,
      sleepMs: config.ipLookupSleep * 1000,
    };
    const host = await findCallbackHost(ports, search, facts.api, signal);
    const takesCertificate = atLeast(await facts.api.apiVersion(signal), WITH_CERTIFICATE);
    if (!wantsAutomaticTls(config) || !takesCertificate) return { ...facts, callbackHost: host };
    const wish = {
      directory: config.runtimeDir,
      host,
      curve: config.tlsCertificateCurve,
      allowedClockSkewMs: config.autoTlsAllowedClockSkew * 1000,
      hostname: (await ports.files.textOrNull('/proc/sys/kernel/hostname')) ?? 'localhost',
    };
    return { ...facts, callbackHost: host, certificate: await makeCertificate(ports, wish, signal) };
  },
});
