import { initializeHardware } from '../initialize.ts';
import { type ManagerFacts, SUPPORT } from './manager.ts';

/** Works on every machine; vendor managers outrank it. */
export const genericManager: ManagerFacts = {
  name: 'generic_hardware_manager',
  className: 'GenericHardwareManager',
  version: '1.2',
  evaluate: () => Promise.resolve(SUPPORT.generic),
  initialize: initializeHardware,
};
