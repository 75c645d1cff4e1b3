import { defineError } from '../../src/core/index.ts';

export const InvalidMachine = defineError('InvalidMachine', {
  status: 400,
  message: 'This machine cannot be built',
  doc: 'The description of a virtual machine asks for something that the emulator does not offer.',
});
export const MachineFailed = defineError('MachineFailed', {
  status: 500,
  message: 'The virtual machine failed',
  doc: 'The emulator did not start, ended, or refused an order; details name the machine, the cause and its log.',
});
