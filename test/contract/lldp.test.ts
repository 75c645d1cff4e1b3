import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { switchTlvs } from '../kit/lldp/frames.ts';

const SCENARIO = join(import.meta.dirname, '..', 'kit', 'lldp', 'scenario.ts');

interface Heard {
  readonly body: {
    readonly error: null;
    readonly lldp_raw: Readonly<Record<string, unknown>>;
    readonly inventory: { readonly interfaces: readonly { readonly name: string; readonly lldp: unknown }[] };
  };
  readonly promiscuityAfter: readonly number[];
  readonly log: string;
}

async function listen(...more: readonly string[]): Promise<Heard> {
  const own = ['--net', '--mount', 'sh', '-c', 'mount -t sysfs sysfs /sys && exec "$@"', 'sh'];
  const home = mkdtempSync(join(tmpdir(), 'lldp-'));
  const command = [...own, process.execPath, SCENARIO, home, ...more];
  const { stdout } = await promisify(execFile)('unshare', command, { timeout: 110_000 });
  return JSON.parse(stdout);
}

/** The real tcpdump at the end of real wires, in namespaces of its own: /sys must be that of its network. */
describe('LLDP, as the switches send it', () => {
  let heard: Heard;
  beforeAll(async () => {
    heard = await listen();
  }, 120_000);

  it('is reported whole, and so is a frame with a tag or to somebody else', () => {
    const short = [
      [1, '040012aabbcc00'],
      [2, '0537'],
      [3, '0078'],
      [0, ''],
    ];
    expect(heard.body.lldp_raw).toMatchObject({ 'plain.1': switchTlvs, 'tagged.1': short, 'unicast.1': short });
  });

  it('fails no inspection, however broken', () => {
    expect(heard.body.error).toBeNull();
    expect(heard.body.lldp_raw).toHaveProperty(['broken.1'], [[2, '0537']]);
    expect(heard.log).toMatch(/lldp\.tlv\.left_out/);
  });

  it('is empty for a silent port, and for one where only the machine itself speaks', () => {
    expect(heard.body.lldp_raw).toMatchObject({ 'silent.1': [], 'own.1': [] });
  });

  it('is absent for ports that are down or vanish, which costs the others nothing', () => {
    expect(Object.keys(heard.body.lldp_raw).sort()).toEqual(
      ['broken.1', 'own.1', 'plain.1', 'silent.1', 'tagged.1', 'unicast.1'].sort(),
    );
    expect(heard.log).toMatch(/lldp\.nic\.failed.*down\.1.*not up/);
    expect(heard.log).toMatch(/lldp\.nic\.failed.*gone\.1/);
  });

  it('is in the inventory too, with collect_lldp, and was listened for once', () => {
    const { interfaces } = heard.body.inventory;
    const ofNic = Object.fromEntries(interfaces.map(({ name, lldp }) => [name, lldp]));
    expect(ofNic).toMatchObject({ ...heard.body.lldp_raw, 'down.1': null });
    expect(heard.log.match(/lldp\.listen/g)).toHaveLength(1);
  });

  it('leaves no port promiscuous', () => {
    expect(heard.promiscuityAfter).toEqual([0, 0, 0]);
  });
});

describe('VLANs that a switch announces', { timeout: 120_000 }, () => {
  it('are made before the inspection, which does not listen again', async () => {
    const { log, body } = await listen('vlans');
    // The kernel of a developer's machine need not know VLANs; what is asked of it is seen all the same.
    expect(log).toMatch(/vlan\.(created|failed) nic=plain\.1 name=plain\.1\.101 id=101/);
    expect(log.match(/vlan\.(created|failed)/g)).toHaveLength(1);
    expect(log.match(/lldp\.listen/g)).toHaveLength(1);
    expect(body.lldp_raw).toMatchObject({ 'plain.1': switchTlvs, 'silent.1': [] });
    expect(body.inventory.interfaces.find(({ name }) => name === 'plain.1')?.lldp).toEqual(switchTlvs);
  });
});
