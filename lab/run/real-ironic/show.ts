import type { IronicNode } from '../../ironic/index.ts';
import type { Run } from '../ports.ts';

const PROCEDURES: Readonly<Record<string, string>> = {
  inspecting: 'inspect',
  'inspect wait': 'inspect',
  cleaning: 'clean',
  'clean wait': 'clean',
  deploying: 'deploy',
  'wait call-back': 'deploy',
  rescuing: 'rescue',
  'rescue wait': 'rescue',
  unrescuing: 'unrescue',
};

function doing(procedure: string, node: IronicNode): string {
  if (procedure === 'unrescue') return 'start from the disk';
  const { step } = procedure === 'clean' ? node.clean_step : procedure === 'deploy' ? node.deploy_step : {};
  return typeof step === 'string' ? `step ${step}` : 'boot the ramdisk';
}

/** What a look at the node tells: its state, where its agent is, and the stage; Ironic tells no more. */
export function show(node: IronicNode, run: Run): void {
  const state = node.provision_state;
  if (run.states.at(-1) !== state) run.states.push(state);
  const { agent_url, agent_verify_ca } = node.driver_internal_info;
  if (typeof agent_url === 'string')
    run.found.agent = { url: agent_url, certified: typeof agent_verify_ca === 'string' };
  const procedure = PROCEDURES[state];
  if (procedure === undefined) return;
  const now = doing(procedure, node);
  run.ports.timeline.stage(`${procedure}-${now}`, `Ironic: ${procedure}, ${now}`);
}
