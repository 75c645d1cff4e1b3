import { describe, expect, it } from 'vitest';
import { bootScript } from '../../../lab/network/boot-script.ts';
import { dnsmasqConfig, parseLeases } from '../../../lab/network/dnsmasq.ts';
import { interfaceCommands } from '../../../lab/network/network.ts';

const config = dnsmasqConfig({ tftpRoot: '/net/tftp', leaseFile: '/net/leases' }).split('\n');

describe('dnsmasq', () => {
  it.each([
    ['serves no names', 'port=0'],
    ['stays on the bridge', 'interface=br0'],
    ['binds no other address', 'bind-interfaces'],
    ['gives firmware, iPXE and Linux one address', 'dhcp-ignore-clid'],
    ['leases', 'dhcp-range=172.22.0.100,172.22.0.199,255.255.255.0,12h'],
    ['sends iPXE to the script', 'dhcp-boot=tag:ipxe,http://172.22.0.1:8080/boot.ipxe'],
    ['sends UEFI to iPXE', 'dhcp-boot=tag:!ipxe,tag:uefi,snponly.efi'],
    ['sends BIOS to iPXE', 'dhcp-boot=tag:!ipxe,tag:!uefi,undionly.kpxe'],
    ['knows iPXE', 'dhcp-match=set:ipxe,175'],
    ['tells iPXE that there is no other server', 'dhcp-option=encap:175,176,1b'],
    ['knows UEFI', 'dhcp-match=set:uefi,option:client-arch,7'],
    ['knows UEFI as the standard numbers it', 'dhcp-match=set:uefi,option:client-arch,9'],
    ['answers over IPv6', 'dhcp-range=fd00:22::,ra-only,64,12h'],
    ['is no IPv6 router', 'ra-param=br0,0,0'],
    ['offers files', 'tftp-root=/net/tftp'],
    ['keeps leases', 'dhcp-leasefile=/net/leases'],
  ])('%s', (_what, line) => {
    expect(config).toContain(line);
  });

  it('writes leases that can be read', () => {
    const text = [
      '1700000000 52:54:00:A6:0E:01 172.22.0.135 ramdisk 01:52:54:00:a6:0e:01',
      '1700000000 52:54:00:a6:0e:02 172.22.0.136 * *',
      'duid 00:01:00:01:2d:8a',
      '',
    ].join('\n');
    expect(parseLeases(text)).toEqual([
      { mac: '52:54:00:a6:0e:01', address: '172.22.0.135', hostname: 'ramdisk' },
      { mac: '52:54:00:a6:0e:02', address: '172.22.0.136', hostname: null },
    ]);
  });
});

describe('boot script', () => {
  it('loads kernel and ramdisk with the parameters that Ironic gives, and tries again', () => {
    const script = bootScript({ kernel: 'http://h/k', initramfs: 'http://h/i', append: 'ipa-api-url=http://h:6385' });
    expect(script.split('\n').slice(0, 6)).toEqual([
      '#!ipxe',
      ':retry',
      'imgfree',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE expands it
      'kernel http://h/k selinux=0 troubleshoot=0 text ipa-api-url=http://h:6385 BOOTIF=${mac} initrd=deploy_ramdisk || goto again',
      'initrd --name deploy_ramdisk http://h/i || goto again',
      'boot || goto again',
    ]);
    expect(script).toContain('sleep 5\ngoto retry\n');
  });
});

describe('interfaces', () => {
  it('are a bridge with every tap on it', () => {
    const commands = interfaceCommands(['tap0', 'tap1']).map((args) => args.join(' '));
    expect(commands).toContain('address add 172.22.0.1/24 dev br0');
    expect(commands.slice(-4)).toEqual([
      'tuntap add dev tap0 mode tap',
      'link set tap0 master br0 up',
      'tuntap add dev tap1 mode tap',
      'link set tap1 master br0 up',
    ]);
  });
});
