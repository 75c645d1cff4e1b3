import { atLeast, findCallbackHost, makeCertificate, ownAddresses, WITH_CERTIFICATE } from '../../../ironic/index.ts';
import { wantsAutomaticTls } from '../../settings/index.ts';
import type { BootFacts, Phase } from '../facts.ts';
import type { BootContext } from './context.ts';

/** Start-up step 15: the address the conductor calls back, and a certificate for it (protocol.md 5.5, 6). */
export const secure = (context: BootContext): Phase => ({
  state: 'securing',
  waitsFor: 'an address that the conductor can reach, and a certificate for it',
  when: (facts) => facts.api !== undefined,
  run: async (facts, signal): Promise<BootFacts> => {
    const { ports, settings, memory } = context;
    const config = settings.config();
    const before = memory.before.facts.callback;
    if (facts.api === undefined) return facts;
    const search = {
      advertiseHost: config.advertiseHost,
      networkInterface: config.networkInterface,
      kept: before?.host ?? null,
      attempts: config.ipLookupAttempts,
      sleepMs: config.ipLookupSleep * 1000,
    };
    const host = await findCallbackHost(ports, search, facts.api, signal);
    const automaticTls = wantsAutomaticTls(config) && atLeast(await facts.api.apiVersion(signal), WITH_CERTIFICATE);
    await memory.keepFacts({ callback: { host, automaticTls } });
    if (!automaticTls) return { ...facts, callbackHost: host };
    const wish = {
      directory: memory.directory,
      host,
      otherAddresses: await ownAddresses(ports, signal),
      curve: config.tlsCertificateCurve,
      allowedClockSkewMs: config.autoTlsAllowedClockSkew * 1000,
      hostname: (await ports.files.textOrNull('/proc/sys/kernel/hostname')) ?? 'localhost',
    };
    return { ...facts, callbackHost: host, certificate: await makeCertificate(ports, wish, signal) };
  },
});
