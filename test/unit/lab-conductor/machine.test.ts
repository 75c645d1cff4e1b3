import { describe, expect, it } from 'vitest';
import { next } from '../../../lab/conductor/machine.ts';
import type { Action, CommandEntry, Event, Policy, Situation } from '../../../lab/conductor/states.ts';
import { enrolled } from '../../../lab/conductor/states.ts';

const policy: Policy = { fastTrack: false, cleanPriorities: { erase_devices: 0, erase_devices_metadata: 10 } };
const fast: Policy = { ...policy, fastTrack: true };

const step = (name: string, priority: number, more = {}) => ({ interface: 'deploy', step: name, priority, ...more });
const ran = (kind: 'clean' | 'deploy', name: string, status = 'SUCCEEDED', error: unknown = null): CommandEntry => ({
  command_name: `execute_${kind}_step`,
  command_status: status,
  command_error: error,
  command_result: status === 'SUCCEEDED' ? { [`${kind}_step`]: { interface: 'deploy', step: name } } : null,
});
const got = (kind: 'clean' | 'deploy'): CommandEntry => ({
  command_name: `get_${kind}_steps`,
  command_status: 'SUCCEEDED',
});

/** `provision[:current step] | what it does` after each event: a run as a table. */
function play(start: Situation, events: readonly Event[], rules: Policy): readonly string[] {
  let now = start;
  return events.map((event) => {
    const decision = next(now, event, rules);
    now = decision.next;
    const at = now.current === null ? now.provision : `${now.provision}:${now.current.step}`;
    return `${at} | ${decision.actions.map(word).join(' ')}`;
  });
}

function word(action: Action): string {
  if (action.do === 'boot-ramdisk') return `boot-ramdisk(${action.purpose})`;
  if (action.do === 'get-steps') return `get-steps(${action.kind})`;
  if (action.do === 'execute-step') return `execute-step(${action.step.step})`;
  return action.do;
}

const ask = (goal: 'inspect' | 'clean' | 'deploy', agentAlive = false): Event => ({ type: 'ask', goal, agentAlive });
const heartbeat: Event = { type: 'heartbeat' };
const done: Event = { type: 'done' };
const commands = (...list: CommandEntry[]): Event => ({ type: 'commands', commands: list });
const at = (provision: Situation['provision']): Situation => ({ ...enrolled, provision });

describe('the conductor, event by event', () => {
  it('inspects: power cycle into the ramdisk, data ends it', () => {
    expect(play(enrolled, [ask('inspect'), heartbeat, { type: 'inspected' }], policy)).toEqual([
      'inspect wait | power-off forget-agent boot-ramdisk(inspect)',
      'inspect wait | ',
      'manageable | power-off',
    ]);
  });

  it('cleans: first heartbeat lists the steps, later ones read the command list, highest priority first', () => {
    const steps = [
      step('erase_devices_metadata', 99),
      step('erase_devices', 10),
      step('update_firmware', 50),
      step('burn_in', 0),
    ];
    const events: Event[] = [
      ask('clean'),
      heartbeat,
      { type: 'steps', kind: 'clean', steps },
      heartbeat,
      commands(got('clean'), ran('clean', 'update_firmware', 'RUNNING')),
      heartbeat,
      commands(got('clean'), ran('clean', 'update_firmware')),
      heartbeat,
      commands(got('clean'), ran('clean', 'update_firmware'), ran('clean', 'erase_devices_metadata')),
    ];
    expect(play(at('manageable'), events, policy)).toEqual([
      'clean wait | power-off forget-agent boot-ramdisk(work)',
      'clean wait | get-steps(clean)',
      'clean wait:update_firmware | execute-step(update_firmware)',
      'clean wait:update_firmware | read-commands',
      'clean wait:update_firmware | ',
      'clean wait:update_firmware | read-commands',
      'clean wait:erase_devices_metadata | execute-step(erase_devices_metadata)',
      'clean wait:erase_devices_metadata | read-commands',
      'available | power-off forget-agent',
    ]);
  });

  it('deploys: list again after the steps, write, make bootable, power off, boot', () => {
    const events: Event[] = [
      ask('deploy'),
      heartbeat,
      { type: 'steps', kind: 'deploy', steps: [step('write_image', 0), step('tune', 70)] },
      commands(got('deploy')),
      heartbeat,
      commands(got('deploy'), ran('deploy', 'write_image')),
      heartbeat,
      commands(got('deploy'), ran('deploy', 'write_image'), ran('deploy', 'tune')),
      done,
      done,
      done,
    ];
    expect(play(at('available'), events, policy)).toEqual([
      'wait call-back | power-off forget-agent boot-ramdisk(work)',
      'wait call-back | get-steps(deploy)',
      'wait call-back | read-commands',
      'wait call-back:write_image | execute-step(write_image)',
      'wait call-back:write_image | read-commands',
      'wait call-back:tune | execute-step(tune)',
      'wait call-back:tune | read-commands',
      'deploying:prepare_instance_boot | prepare-boot',
      'deploying:tear_down_agent | collect-logs power-off-agent',
      'deploying:boot_instance | boot-disk',
      'active | ',
    ]);
  });

  it('uses a running agent without a reboot when fast track allows it', () => {
    expect(play(enrolled, [ask('inspect'), { type: 'inspected' }], fast).at(-1)).toBe('manageable | ');
    expect(play(at('manageable'), [ask('clean', true), { type: 'steps', kind: 'clean', steps: [] }], fast)).toEqual([
      'cleaning | get-steps(clean)',
      'available | ',
    ]);
    expect(play(at('available'), [ask('deploy', true), { type: 'steps', kind: 'deploy', steps: [] }], fast)).toEqual([
      'deploying | get-steps(deploy)',
      'wait call-back:write_image | execute-step(write_image)',
    ]);
  });

  const cleaning: Situation = {
    ...at('clean wait'),
    stepsKnown: true,
    current: { ...step('wipe', 10), owner: 'agent' },
    pending: [{ ...step('check', 5), owner: 'agent' }],
  };

  it.each<readonly [string, Event, string]>([
    [
      'a failed step ends the procedure',
      commands(ran('clean', 'wipe', 'FAILED', { details: 'bad disk' })),
      'clean failed:wipe | collect-logs',
    ],
    [
      'a version mismatch lists the steps anew',
      commands(ran('clean', 'wipe', 'CLEAN_VERSION_MISMATCH')),
      'clean wait | get-steps(clean)',
    ],
    ['an empty list means a fresh boot: go on', commands(), 'clean wait:check | execute-step(check)'],
    ['the result of another step is no answer', commands(ran('clean', 'other')), 'clean wait:wipe | '],
    [
      'a foreign last command is no answer',
      commands(ran('clean', 'wipe'), { command_name: 'collect_system_logs', command_status: 'SUCCEEDED' }),
      'clean wait:wipe | ',
    ],
    ['an unknown status is a failure', commands(ran('clean', 'wipe', 'LOST')), 'clean failed:wipe | collect-logs'],
    ['a refused step is queued again', { type: 'busy' }, 'clean wait | '],
    [
      'a lost connection ends the procedure',
      { type: 'failed', reason: 'no route' },
      'clean failed:wipe | collect-logs',
    ],
    ['a question out of turn changes nothing', ask('deploy'), 'clean wait:wipe | '],
  ])('while cleaning: %s', (_what, event, expected) => {
    expect(play(cleaning, [event], policy)).toEqual([expected]);
  });

  it('sends a refused step again at the next heartbeat', () => {
    expect(play(cleaning, [{ type: 'busy' }, heartbeat], policy)).toEqual([
      'clean wait | ',
      'clean wait:wipe | execute-step(wipe)',
    ]);
  });

  it('reboots after a step that asks for it and then goes on with the next', () => {
    const rebooting = {
      ...cleaning,
      current: { ...step('wipe', 10), owner: 'agent' as const, reboot_requested: true },
    };
    expect(play(rebooting, [commands(ran('clean', 'wipe')), heartbeat, commands()], policy)).toEqual([
      'clean wait:wipe | power-off forget-agent boot-ramdisk(work)',
      'clean wait:wipe | read-commands',
      'clean wait:check | execute-step(check)',
    ]);
  });

  it('keeps the reason of a failure, with the step that was in hand', () => {
    const decision = next(cleaning, { type: 'failed', reason: 'no route' }, policy);
    expect(decision.next.error).toBe('step deploy.wipe: no route');
  });
});
