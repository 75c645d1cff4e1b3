import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/core/index.ts';
import { type BootFacts, bootUp, isEnd } from '../../src/runtime/boot/index.ts';
import { inspect } from '../../src/runtime/boot/phases/inspect.ts';
import { lookUp } from '../../src/runtime/boot/phases/look-up.ts';
import { createHub } from '../../src/runtime/index.ts';
import { bootContextOf } from '../kit/boot-context.ts';
import { type InspectionKit, type InspectionKitOptions, inspectionKit, passTime } from '../kit/inspection-context.ts';
import {
  deadUrl,
  fault,
  lookupDocument,
  NODE_UUID,
  type ScriptedConductor,
  startConductor,
} from '../kit/scripted-conductor.ts';

const stop = new AbortController();
const open: ScriptedConductor[] = [];
const conductor = async () => {
  const one = await startConductor({ version: '1.96' });
  open.push(one);
  return one;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Inspection and lookup of the boot, as far as the conductor can see them. */
function boot(
  options: InspectionKitOptions,
  lock = new AbortController(),
): InspectionKit & { readonly booted: Promise<BootFacts> } {
  const kit = inspectionKit(options);
  const context = bootContextOf(kit.context, lock.signal);
  const { clock } = kit;
  const hub = createHub({ version: '1', clock });
  const life = { phases: [inspect(context), lookUp(context)], hub, log: silentLog, clock, retryMs: 5_000 };
  const booted = bootUp(life, stop.signal).then((facts) => {
    if (isEnd(facts)) throw new Error(facts.why);
    return facts;
  });
  return { ...kit, booted };
}

const LOST = { status: 500, text: 'database is down' } as const;
const bodyOf = (seen: { readonly body: unknown } | undefined) => Object(seen?.body);

describe('check 25: inspection before lookup', () => {
  it.each([
    ['500', LOST],
    ['409', fault(409, 'node is locked')],
    ['a cut connection', 'cut' as const],
    ['silence', 'hang' as const],
  ])('tries five times over %s, then looks up with the UUID it got', async (_case, passing) => {
    const server = await conductor();
    server.script('inspection', passing, passing, passing, passing, { status: 202, json: { uuid: NODE_UUID } });
    const { booted, clock } = boot({
      kernel: `ipa-api-url=${server.url} ipa-inspection-collectors=default`,
      auto: true,
    });
    expect((await booted).inspectedUuid).toBe(NODE_UUID);
    expect(clock.sleeps).toEqual([5_000, 5_000, 6_000, 12_000]);
    expect(server.seen('inspection')).toHaveLength(5);
    for (const seen of server.seen('inspection')) expect(bodyOf(seen)).toHaveProperty('error', null);
    expect(server.seen('lookup')[0]?.query.get('node_uuid')).toBe(NODE_UUID);
  });

  it.each([400, 403, 404])(
    'looks up without a UUID after a refusal with %i, which it logs with its words',
    async (status) => {
      const server = await conductor();
      server.script('inspection', fault(status, 'no such node'));
      const { booted, clock, lines } = boot({
        kernel: `ipa-api-url=${server.url} ipa-inspection-collectors=default`,
        auto: true,
      });
      expect(await booted).not.toHaveProperty('inspectedUuid');
      expect(server.seen('inspection')).toHaveLength(1);
      expect(clock.sleeps).toEqual([]);
      expect(server.seen('lookup')[0]?.query.has('node_uuid')).toBe(false);
      expect(lines.join('')).toContain(`${status}: no such node`);
    },
  );

  it('sends `error` and nothing else for an unknown collector, and looks up', async () => {
    const server = await conductor();
    server.script('inspection', fault(400, 'no inventory'));
    const { booted } = boot({
      kernel: `ipa-api-url=${server.url} ipa-inspection-collectors=default,spectral`,
      auto: true,
    });
    await booted;
    expect(server.seen('inspection').map(bodyOf)).toEqual([
      { error: 'The following errors were encountered:\n* unknown collector spectral' },
    ]);
    expect(server.seen('lookup')).toHaveLength(1);
  });

  it('keeps sending in the background when all attempts failed; a late answer names the node to lookup', async () => {
    const server = await conductor();
    server.script('inspection', LOST, LOST, LOST, LOST, LOST, { status: 202, json: { uuid: NODE_UUID } });
    const unknown = Array.from({ length: 8 }, () => fault(404, 'unknown'));
    server.script('lookup', ...unknown, { status: 200, json: lookupDocument() });
    const { booted, clock, lines } = boot({ kernel: `ipa-api-url=${server.url} ipa-inspection-collectors=default` });
    await passTime(clock, booted);
    const uuids = server.seen('lookup').map(({ query }) => query.get('node_uuid'));
    expect(uuids[0]).toBeNull();
    expect(uuids.at(-1)).toBe(NODE_UUID);
    expect(server.seen('inspection')).toHaveLength(6);
    expect(lines.join('')).toContain('inspect.callback.delivered');
  });

  it('stops sending in the background at lockdown', async () => {
    const server = await conductor();
    server.script('inspection', LOST);
    const lock = new AbortController();
    const { booted, clock } = boot({ kernel: `ipa-api-url=${server.url} ipa-inspection-collectors=default` }, lock);
    await passTime(clock, booted);
    lock.abort();
    await clock.advance(600_000);
    expect(server.seen('inspection')).toHaveLength(5);
  });

  it('looks at the machine anew when the callback is all there is', async () => {
    const server = await conductor();
    server.script('inspection', LOST, LOST, LOST, LOST, LOST, { status: 200, json: {} });
    const { booted, clock } = boot({ kernel: `ipa-inspection-callback-url=${server.url}/v1/continue`, auto: true });
    await booted;
    expect(clock.sleeps.slice(0, 4)).toEqual([5_000, 5_000, 6_000, 12_000]);
    expect(server.seen('inspection').at(-1)).toMatchObject({ path: '/v1/continue', method: 'POST' });
    expect(server.seen('inspection')).toHaveLength(6);
  });

  it('goes through a list of callback URLs, dead ones first', async () => {
    const dead = await deadUrl();
    const server = await conductor();
    const callback = `ipa-inspection-callback-url=${dead}/v1/continue,${server.url}/v1/continue`;
    const { booted, clock } = boot({ kernel: callback, auto: true });
    await booted;
    expect(server.seen('inspection')).toHaveLength(1);
    expect(clock.sleeps).toEqual([]);
  });
});

describe('a server with InfiniBand (inventory 2.5)', () => {
  it('is reported and looked up by MACs of six octets, but for ports of other vendors', async () => {
    const server = await conductor();
    const kernel = `ipa-api-url=${server.url} ipa-inspection-collectors=default`;
    const { booted } = boot({ kernel, auto: true, machine: 'infiniband-server' });
    await booted;
    const ports = ['7c:fe:90:29:26:52', 'e4:1d:2d:a1:b2:c4'];
    const macs = ['b8:ce:f6:10:20:30', ...ports, '80:81:00:02:fe:80:00:00:00:00:00:00:00:11:75:01:01:67:12:34'];
    const { inventory } = bodyOf(server.seen('inspection')[0]);
    expect(inventory.interfaces.map((nic: { mac_address: string }) => nic.mac_address)).toEqual(macs);
    expect(inventory.interfaces[1].client_id).toBe('ff:00:00:00:00:00:02:00:00:02:c9:00:7c:fe:90:03:00:29:26:52');
    expect(server.seen('lookup')[0]?.query.get('addresses')).toBe(macs.join(','));
  });
});

describe('what is sent (protocol 13.2, 13.4)', () => {
  it('has the documented keys, and a MAC in every interface', async () => {
    const server = await conductor();
    const { booted } = boot({ kernel: `ipa-inspection-callback-url=${server.url}/v1/continue_inspection`, auto: true });
    await booted;
    const body = bodyOf(server.seen('inspection')[0]);
    expect(Object.keys(body)).toEqual(['inventory', 'root_disk', 'boot_interface', 'configuration', 'logs', 'error']);
    expect(body.configuration).toEqual({
      collectors: ['default', 'logs'],
      managers: [{ name: 'generic_hardware_manager', version: '1.2' }],
    });
    expect(body.inventory.interfaces.length).toBeGreaterThan(0);
    for (const nic of body.inventory.interfaces) expect(nic.mac_address).toMatch(/^[0-9a-f:]{17}$/);
    expect(Buffer.from(body.logs, 'base64').toString()).toBe('an archive');
  });

  it('goes again without the logs when the server finds it too large', async () => {
    const server = await conductor();
    server.script('inspection', fault(413, 'body too large'), { status: 202, json: { uuid: NODE_UUID } });
    const { booted } = boot({ kernel: `ipa-inspection-callback-url=${server.url}/v1/continue_inspection`, auto: true });
    expect((await booted).inspectedUuid).toBe(NODE_UUID);
    expect(server.seen('inspection').map((seen) => 'logs' in bodyOf(seen))).toEqual([true, false]);
  });

  it('has no logs that no server would take', async () => {
    const server = await conductor();
    const kernel = `ipa-inspection-callback-url=${server.url}/v1/continue_inspection`;
    const { booted } = boot({ kernel, auto: true, archive: new Uint8Array(9 * 1024 * 1024) });
    await booted;
    expect(bodyOf(server.seen('inspection')[0])).toMatchObject({ error: null, inventory: expect.any(Object) });
    expect(bodyOf(server.seen('inspection')[0])).not.toHaveProperty('logs');
  });
});

describe('servers of the discoverd era (protocol 13.7)', () => {
  const LEGACY = ['block_devices', 'cpu_arch', 'cpus', 'interfaces', 'ipmi_address', 'local_gb', 'macs', 'memory_mb'];
  const sentTo = async (kernelOf: (url: string) => string) => {
    const server = await conductor();
    server.script('inspection', { status: 200, json: {}, headers: { 'content-type': 'applications/json' } });
    const { booted } = boot({ kernel: kernelOf(`${server.url}/v1/continue`), auto: true });
    expect(await booted).not.toHaveProperty('inspectedUuid');
    return bodyOf(server.seen('inspection')[0]);
  };

  it.each(['discoverd_callback_url', 'ironic_callback_url', 'inspector_callback_url'])(
    'named by %s get their keys beside the inventory, and may answer {}',
    async (name) => {
      const body = await sentTo((url) => `${name}=${url}`);
      expect(Object.keys(body)).toEqual(
        expect.arrayContaining([...LEGACY, 'inventory', 'boot_interface', 'error', 'logs']),
      );
      expect(body.interfaces.enp0s3).toEqual({ mac: '52:54:00:aa:bb:01', ip: '10.0.2.15' });
    },
  );

  it.each([
    ['ipa-inspection-callback-url', '', false],
    ['ipa-inspection-callback-url', 'ipa-legacy-inspection-keys=true', true],
    ['discoverd_callback_url', 'ipa-legacy-inspection-keys=off', false],
  ])('named by %s with "%s" get them: %s', async (name, more, legacy) => {
    const body = await sentTo((url) => `${name}=${url} ${more}`);
    expect(
      Object.keys(body)
        .filter((key) => LEGACY.includes(key))
        .sort(),
    ).toEqual(legacy ? LEGACY : []);
  });
});
