import { describe, expect, it, onTestFinished } from 'vitest';
import { type BootContext, bootUp, type MachinePorts } from '../../src/runtime/boot/index.ts';
import { discoverServices } from '../../src/runtime/boot/phases/discover.ts';
import { inspect } from '../../src/runtime/boot/phases/inspect.ts';
import { lookUp } from '../../src/runtime/boot/phases/look-up.ts';
import { createHub } from '../../src/runtime/index.ts';
import type { MulticastDns, ServiceRecord } from '../../src/system/index.ts';
import { bootContextOf } from '../kit/boot-context.ts';
import { type InspectionKit, inspectionKit, passTime } from '../kit/inspection-context.ts';
import {
  deadUrl,
  fault,
  lookupDocument,
  NODE_UUID,
  type ScriptedConductor,
  startConductor,
} from '../kit/scripted-conductor.ts';

async function conductor(): Promise<ScriptedConductor> {
  const one = await startConductor({ version: '1.96' });
  onTestFinished(() => one.close());
  return one;
}

/** What a network announces that has Ironic at this URL. */
function announcing(name: string, url: string): readonly ServiceRecord[] {
  return [
    { type: 'SRV', name, target: 'localhost', port: Number(new URL(url).port) },
    { type: 'A', name: 'localhost', address: '10.0.0.1' },
    { type: 'TXT', name, entries: [Buffer.from('protocol=http')] },
  ];
}

/** Discovery, inspection and lookup of a boot; it gives a lookup up after one second. */
function boot(kernel: string, more: (kit: InspectionKit) => Partial<MachinePorts> = () => ({})) {
  const kit = inspectionKit({ kernel: `ipa-lookup-timeout=1 ${kernel}` });
  const base = bootContextOf(kit.context);
  const context: BootContext = { ...base, ports: Object.defineProperties({ ...base.ports }, portsOf(more(kit))) };
  const { clock } = kit;
  const hub = createHub({ version: '1', clock });
  const phases = [discoverServices(context), inspect(context), lookUp(context)];
  const booted = bootUp(
    { phases, hub, log: context.ports.log, clock, retryMs: 5_000 },
    AbortSignal.any([AbortSignal.timeout(50_000)]),
  );
  return { ...kit, booted: passTime(clock, booted) };
}
const portsOf = (ports: Partial<MachinePorts>) => Object.getOwnPropertyDescriptors(ports);

const UNKNOWN = fault(404, 'unknown');
const FOUND = { status: 200, json: lookupDocument() } as const;

describe('a lookup that failed for all its time starts the boot over (protocol.md 1.3)', () => {
  it('asks the network again who Ironic is', async () => {
    const [dead, server] = [await deadUrl(), await conductor()];
    let asked = 0;
    const multicast: MulticastDns = {
      ask: async ({ name }) => {
        asked += 1;
        return { from: ['10.0.0.1'], records: announcing(name, asked === 1 ? dead : server.url) };
      },
    };
    const { booted } = boot('ipa-api-url=mdns', () => ({ multicast }));
    expect(await booted).toMatchObject({ node: { uuid: NODE_UUID } });
    expect(asked).toBe(2);
  });

  it('goes on asking for a conductor that fell silent, where without one it would boot alone', async () => {
    const [dead, server] = [await deadUrl(), await conductor()];
    let asked = 0;
    const multicast: MulticastDns = {
      ask: async ({ name }) => {
        asked += 1;
        if (asked > 1 && asked < 6) return { from: [], records: [] };
        return { from: ['10.0.0.1'], records: announcing(name, asked === 1 ? dead : server.url) };
      },
    };
    const { booted } = boot('ipa-use-mdns=true', () => ({ multicast }));
    expect(await booted).toMatchObject({ node: { uuid: NODE_UUID } });
    expect(asked).toBe(6);
  });

  it('posts an inspection again that was refused, and only until it is taken', async () => {
    const server = await conductor();
    server.script('inspection', UNKNOWN, { status: 202, json: { uuid: NODE_UUID } }, UNKNOWN);
    server.script('lookup', ...Array.from({ length: 8 }, () => UNKNOWN), FOUND);
    const { booted } = boot(`ipa-api-url=${server.url} ipa-inspection-callback-url=${server.url}/v1/continue`);
    expect(await booted).toMatchObject({ inspectedUuid: NODE_UUID });
    expect(server.seen('inspection')).toHaveLength(2);
    expect(server.seen('lookup').at(-1)?.query.get('node_uuid')).toBe(NODE_UUID);
  });

  it('posts no second one beside a report that is still tried', async () => {
    const server = await conductor();
    server.script('inspection', { status: 500, text: 'down' });
    server.script('lookup', ...Array.from({ length: 6 }, () => UNKNOWN), FOUND);
    const { booted, lines } = boot(`ipa-api-url=${server.url} ipa-inspection-callback-url=${server.url}/v1/continue`);
    await booted;
    expect(lines.join('')).toContain('boot.start_over');
    expect(
      lines.filter((line) => line.includes('inspect.callback.failed') && line.includes('lookup goes on')),
    ).toHaveLength(1);
  });

  it('looks at the machine again: an interface may have come', async () => {
    const server = await conductor();
    server.script('inspection', UNKNOWN);
    server.script('lookup', ...Array.from({ length: 3 }, () => UNKNOWN), FOUND);
    const later = inspectionKit({ kernel: '', machine: 'two-socket-server' }).context.ports;
    const hasFailed = () => server.seen('lookup').length >= 2;
    const { booted } = boot(
      `ipa-api-url=${server.url} ipa-inspection-collectors=default`,
      ({ context: { ports } }) => ({
        get tools() {
          return hasFailed() ? later.tools : ports.tools;
        },
        get files() {
          return hasFailed() ? later.files : ports.files;
        },
      }),
    );
    await booted;
    const [first, last] = [server.seen('lookup')[0], server.seen('lookup').at(-1)];
    expect(first?.query.get('addresses')).toContain('52:54:00:aa:bb:01');
    expect(last?.query.get('addresses')).not.toContain('52:54:00:aa:bb:01');
  });
});
