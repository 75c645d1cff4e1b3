import { describe, expect, it } from 'vitest';
import { configDriveOf } from '../../../src/extensions/deploy-image.ts';
import { commands, extensionNames, genericSteps, readNode } from '../../../src/extensions/index.ts';

/** protocol.md 8.4, what this release has of it. */
const KINDS = {
  'clean.get_clean_steps': 'sync',
  'clean.execute_clean_step': 'async',
  'deploy.get_deploy_steps': 'sync',
  'deploy.execute_deploy_step': 'async',
  'service.get_service_steps': 'sync',
  'service.execute_service_step': 'async',
  'standby.prepare_image': 'async',
  'standby.execute_bootc_install': 'async',
  'standby.get_partition_uuids': 'sync',
  'standby.power_off': 'async',
  'standby.run_image': 'async',
  'standby.sync': 'sync',
  'image.install_bootloader': 'async',
  'poll.get_hardware_info': 'sync',
  'poll.set_node_info': 'sync',
  'log.collect_system_logs': 'sync',
  'rescue.finalize_rescue': 'sync',
  'system.lockdown': 'sync',
  'flow.start_flow': 'async',
};

describe('command table', () => {
  it('has the commands of the protocol, of the right kind, each once', () => {
    expect(Object.fromEntries(commands.map(({ name, kind }) => [name, kind]))).toEqual(KINDS);
    expect(commands.length).toBe(Object.keys(KINDS).length);
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    '%s is documented and reachable',
    (name, command) => {
      expect(extensionNames).toContain(name.split('.')[0]);
      expect(command.doc).toMatch(/^[A-Z].*\.$/);
      expect(command.result).not.toBe('');
      for (const error of command.throws) expect(error.spec.doc).not.toBe('');
    },
  );

  it('only the log archive may run beside another command', () => {
    expect(commands.filter(({ whileBusy }) => whileBusy === true).map(({ name }) => name)).toEqual([
      'log.collect_system_logs',
    ]);
  });
});

describe('generic steps', () => {
  it('are offered where the reference offers them (steps.md 2.1)', () => {
    expect(genericSteps.map((step) => [step.name, step.interface, step.in, step.abortable ?? false])).toEqual([
      ['erase_devices_metadata', 'deploy', { clean: { priority: 99 }, deploy: { priority: 0 } }, true],
      ['clean_uefi_nvram', 'deploy', { clean: { priority: 0 }, deploy: { priority: 0 } }, true],
      ['write_image', 'deploy', { deploy: { priority: 0 }, service: { priority: 0 } }, false],
      ['inject_files', 'deploy', { deploy: { priority: 0 }, service: { priority: 0 } }, false],
      ['execute_bootc_install', 'deploy', { deploy: { priority: 0 }, service: { priority: 0 } }, false],
    ]);
  });
});

describe('node object of a request', () => {
  it.each([null, undefined, 7, 'x', []])('%j is none', (raw) => {
    expect(readNode(raw)).toBeNull();
  });

  it('keeps what is an object and drops what is not', () => {
    const raw = { uuid: 'u', name: 'n', properties: { a: 1 }, instance_info: null, driver_info: 'x', extra: [1] };
    expect(readNode(raw)).toEqual({ uuid: 'u', name: 'n', properties: { a: 1 }, extra: [1] });
  });
});

describe('config drive (imaging.md 1.2)', () => {
  it.each([
    [{ image_info: { configdrive: 'info' }, configdrive: 'argument' }, 'argument'],
    [{ image_info: { configdrive: 'info' }, configdrive: null }, 'info'],
    [{ image_info: { configdrive: 'info' } }, 'info'],
    [{ image_info: { configdrive: null } }, null],
    [{ image_info: {} }, null],
  ])('%j', (args, drive) => {
    expect(configDriveOf(args)).toBe(drive);
  });
});
