import type { Face } from '../../runtime/index.ts';

/** What the program offers on the command line beside its options. The first command is the default. */
export const face: Face = {
  program: 'ironic-node-agent',
  commands: [
    { name: 'agent', doc: 'Run the agent: inspect, look up, serve the API, heartbeat.' },
    { name: 'config', doc: 'Print the effective configuration and where each value comes from, secrets hidden.' },
    { name: 'inventory', doc: 'Print the hardware inventory of this machine as JSON.' },
    { name: 'plan', doc: 'Print which disk would take an image and what cleaning would wipe. Changes nothing.' },
    {
      name: 'diagnose',
      doc: 'Test the way to the configured servers step by step; ends with 1 when one cannot be reached.',
    },
  ],
  switches: [
    { name: 'help', doc: 'Print this text.' },
    { name: 'check-config', doc: 'Read the configuration and end: exit code 0, or 2 after a line for each problem.' },
    { name: 'version', doc: 'Print the version.' },
    { name: 'json', doc: 'With diagnose: print JSON.' },
  ],
};
