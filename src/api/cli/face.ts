import { basename } from 'node:path';
import type { Face, Word } from '../../runtime/index.ts';

const agent: Word = { name: 'agent', doc: 'Run the agent: inspect, look up, serve the API, heartbeat.' };
const inspect: Word = {
  name: 'inspect',
  doc: 'Inspect this machine, report to the inspection callback or the API, and end. Exit code 1 when that failed.',
};
const switches: readonly Word[] = [
  { name: 'help', doc: 'Print this text.' },
  { name: 'check-config', doc: 'Read the configuration and end: exit code 0, or 2 after a line for each problem.' },
  { name: 'version', doc: 'Print the version.' },
];

/** What the program offers on the command line beside its options. The first command is the default. */
const face: Face = {
  program: 'ironic-node-agent',
  commands: [
    agent,
    inspect,
    { name: 'config', doc: 'Print the effective configuration and where each value comes from, secrets hidden.' },
    { name: 'inventory', doc: 'Print the hardware inventory of this machine as JSON.' },
    { name: 'plan', doc: 'Print which disk would take an image and what cleaning would wipe. Changes nothing.' },
    {
      name: 'diagnose',
      doc: 'Test the way to the configured servers step by step; ends with 1 when one cannot be reached.',
    },
  ],
  switches: [...switches, { name: 'json', doc: 'With diagnose: print JSON.' }],
};

/** The programs of the reference, so that its units and scripts start this one (protocol.md 1.3). */
const historic: readonly Face[] = [
  { program: 'ironic-python-agent', commands: [agent], wordless: true, switches },
  { program: 'ironic-collect-introspection-data', commands: [inspect], wordless: true, switches },
];

/** The face that goes with the name the program was called by, with or without a path. */
export const faceOf = (calledAs: string): Face =>
  historic.find(({ program }) => program === basename(calledAs)) ?? face;
