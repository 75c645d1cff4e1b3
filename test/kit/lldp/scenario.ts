/**
 * Runs inside network and mount namespaces of its own: ports of a machine at the end of real wires, switches at the
 * other end, and the agent between. Ports have names as of VLANs, for only those need no device below them.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAgent } from '../agent-process.ts';
import { freePort } from '../free-port.ts';
import { startConductor } from '../scripted-conductor.ts';
import { END, frameOf, start, switchUnit, tlv } from './frames.ts';

const ip = (...args: readonly string[]) => execFileSync('ip', args, { encoding: 'utf8' });
const send = (nic: string, frame: Uint8Array) =>
  execFileSync('socat', ['-u', 'STDIN', `INTERFACE:${nic}`], { input: frame });

/** Both ends of a wire, up; the far end is the switch. A random address could be taken for that of a BMC's NIC. */
function wire(port: string, at: number): string {
  const far = `far${port.replace('.', '-')}`;
  ip('link', 'add', port, 'address', `52:54:00:00:00:0${at}`, 'type', 'veth', 'peer', 'name', far);
  for (const nic of [port, far]) ip('link', 'set', nic, 'up');
  return far;
}

const FOREIGN = '020000000099';
const [silent, gone, down, own] = ['silent.1', 'gone.1', 'down.1', 'own.1'];
const [plain, tagged, unicast, broken] = ['plain.1', 'tagged.1', 'unicast.1', 'broken.1', silent, gone, down, own].map(
  wire,
);
ip('link', 'set', down, 'down');
ip('link', 'set', 'lo', 'up');

const short = start('7') + END;
const says: readonly (readonly [string | undefined, Uint8Array])[] = [
  [plain, frameOf(switchUnit)],
  [tagged, frameOf(short, { tags: '81000000' })],
  // Nobody but a promiscuous port takes this one.
  [unicast, frameOf(short, { to: FOREIGN })],
  [broken, frameOf(tlv(1, '0400') + tlv(2, '0537') + tlv(5, 'e4', 400))],
  // What the machine says itself, as a daemon of its own would.
  [own, frameOf(short)],
];
const promiscuity = (nic: string): number => JSON.parse(ip('-d', '-j', 'link', 'show', nic))[0].promiscuity;

const [, , home = '', by = ''] = process.argv;
/** VLANs by LLDP on the first port: as its name looks like a VLAN, its address stands for it. */
const vlans =
  by === 'vlans' ? ['--enable_vlan_interfaces', JSON.parse(ip('-j', 'link', 'show', 'plain.1'))[0].address] : [];

const conductor = await startConductor({ version: '1.82' });
const place = { home, port: await freePort(), ownNetwork: true } as const;
const flags = ['--api_url', conductor.url, '--inspection_collectors', 'default,lldp', '--disk_wait_attempts', '0'];
const agent = await startAgent(
  [...flags, ...vlans, '--noenable_auto_tls', '--collect_lldp', '--lldp_timeout', '4'],
  place,
);
try {
  await agent.sees(/lldp\.listen/, 60_000);
  while (promiscuity(silent) === 0 || promiscuity(gone) === 0) await sleep(50);
  ip('link', 'delete', gone);
  while (conductor.seen('inspection').length === 0) {
    for (const [nic, frame] of says) if (nic !== undefined) send(nic, frame);
    await sleep(100);
  }
  const { body } = await conductor.nth('inspection', 1);
  const ports = [silent, own, 'plain.1'].map(promiscuity);
  console.log(JSON.stringify({ body, promiscuityAfter: ports, log: agent.output() }));
} finally {
  await agent.stop();
  await conductor.close();
}
