import type { Config } from '../../../config/index.ts';
import type { BootFacts, Phase } from '../facts.ts';
import type { BootContext, ServerIdentity } from './context.ts';

/** Certificate files of the operator, when both are set. */
export function staticIdentity(config: Config): ServerIdentity | null {
  if (config.tlsCertFile === null || config.tlsKeyFile === null) return null;
  return { certPath: config.tlsCertFile, keyPath: config.tlsKeyFile };
}

/** Start-up step 16. */
export const open = (context: BootContext): Phase => ({
  state: 'securing',
  waitsFor: 'the API port',
  when: (facts) => facts.serving !== true,
  run: async (facts): Promise<BootFacts> => {
    await context.serve(facts.certificate ?? staticIdentity(context.settings.config()));
    return { ...facts, serving: true };
  },
});
