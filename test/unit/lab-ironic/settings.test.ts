import { describe, expect, it } from 'vitest';
import { inspectorConf } from '../../../lab/ironic/inspector-settings.ts';
import { ironicConf, ironicFolders } from '../../../lab/ironic/settings.ts';

const settings = {
  directory: '/work-dir/ironic',
  address: '172.22.0.1',
  port: 6385,
  httpRoot: '/work-dir/http',
  httpUrl: 'http://172.22.0.1:8080',
  firmware: 'uefi',
  fastTrack: false,
  kernelArguments: 'console=ttyS0',
  inspectorUrl: null,
} as const;

function section(name: string, conf = ironicConf(settings)): readonly string[] {
  const lines = conf.split('\n');
  const from = lines.indexOf(`[${name}]`) + 1;
  return lines.slice(from, lines.indexOf('', from));
}

describe('ironic.conf', () => {
  it('needs neither Keystone nor a message bus nor other services', () => {
    expect(section('DEFAULT')).toEqual(expect.arrayContaining(['auth_strategy = noauth', 'rpc_transport = none']));
    for (const absent of ['neutron', 'glance', 'swift'])
      expect(section(absent)).toEqual(['auth_type = none', 'endpoint_override = http://127.0.0.1:1']);
  });

  it('hands images to the agent by URL and cleans metadata only', () => {
    expect(section('agent')).toContain('image_download_source = http');
    expect(section('deploy')).toEqual(
      expect.arrayContaining([
        'erase_devices_priority = 0',
        'erase_devices_metadata_priority = 10',
        'default_boot_mode = uefi',
        'http_root = /work-dir/http',
        'fast_track = false',
      ]),
    );
    expect(section('pxe')).toContain('kernel_append_params = console=ttyS0');
  });

  it('talks to agents over TLS only', () => {
    expect(section('agent')).toContain('require_tls = true');
  });

  it('inspects only where an inspector answers', () => {
    expect(section('inspector')).toContain('endpoint_override = http://127.0.0.1:1');
    const inspectorUrl = 'http://172.22.0.1:5050';
    expect(section('inspector', ironicConf({ ...settings, inspectorUrl }))).toEqual(
      expect.arrayContaining([
        `endpoint_override = ${inspectorUrl}`,
        `callback_endpoint_override = ${inspectorUrl}`,
        'extra_kernel_params = ipa-inspection-collectors=default,logs',
      ]),
    );
  });

  it('keeps every file below its own folder', () => {
    const paths = ironicConf(settings).match(/ = (sqlite:\/\/)?(\/\S+)/g) ?? [];
    expect(paths.length).toBeGreaterThan(8);
    expect(paths.every((path) => path.includes('/work-dir/'))).toBe(true);
    expect(ironicFolders('/x')).toContain('/x/certificates');
  });

  it('gives the inspector a database, its own folder and the way to Ironic', () => {
    const conf = inspectorConf({
      directory: '/work-dir/inspector',
      address: '172.22.0.1',
      port: 5050,
      ironicUrl: 'http://172.22.0.1:6385',
    });
    expect(section('ironic', conf)).toEqual(['auth_type = none', 'endpoint_override = http://172.22.0.1:6385']);
    expect(section('processing', conf)).toEqual(
      expect.arrayContaining(['store_data = database', 'always_store_ramdisk_logs = true']),
    );
    const paths = conf.match(/ = (sqlite:\/\/)?(\/\S+)/g) ?? [];
    expect(paths.every((path) => path.includes('/work-dir/inspector/'))).toBe(true);
  });

  it('names each section once', () => {
    const names = ironicConf(settings).match(/^\[.*\]$/gm) ?? [];
    expect(new Set(names).size).toBe(names.length);
  });
});
