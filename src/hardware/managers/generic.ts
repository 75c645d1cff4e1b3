import type { ManagerFacts } from './manager.ts';

const GENERIC_SUPPORT = 1;

/** Works on every machine; vendor managers outrank it. */
export const genericManager: ManagerFacts = {
  name: 'generic_hardware_manager',
  className: 'GenericHardwareManager',
  version: '1.2',
  support: GENERIC_SUPPORT,
  evaluate: () => Promise.resolve(GENERIC_SUPPORT),
};
