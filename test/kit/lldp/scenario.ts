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

/** Both ends of a wire, up; the far end is the switch. */
function wire(port: string): string {
  const far = `far${port.replace('.', '-')}`;
  ip('link', 'add', port, 'type', 'veth', 'peer', 'name', far);
  for (const nic of [port, far]) ip('link', 'set', nic, 'up');
  return far;
}

const FOREIGN = '020000000099';
const [plain, tagged, unicast, broken, own] = ['plain.1', 'tagged.1', 'unicast.1', 'broken.1', 'own.1'].map(wire);
const [silent, gone, down] = ['silent.1', 'gone.1', 'down.1'];
for (const port of [silent, gone, down]) wire(port);
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
  ['own.1', frameOf(short)],
];
const promiscuity = (nic: string): number => JSON.parse(ip('-d', '-j', 'link', 'show', nic))[0].promiscuity;

const conductor = await startConductor({ version: '1.82' });
const place = { home: process.argv[2] ?? '', port: await freePort(), ownNetwork: true } as const;
const flags = ['--api_url', conductor.url, '--inspection_collectors', 'default,lldp', '--disk_wait_attempts', '0'];
const agent = await startAgent([...flags, '--noenable_auto_tls', '--collect_lldp', '--lldp_timeout', '4'], place);
try {
  await agent.sees(/lldp\.listen/, 60_000);
  while (promiscuity(silent) === 0 || promiscuity(gone) === 0) await sleep(50);
  ip('link', 'delete', gone);
  while (conductor.seen('inspection').length === 0) {
    for (const [nic, frame] of says) if (nic !== undefined) send(nic, frame);
    await sleep(100);
  }
  const { body } = await conductor.nth('inspection', 1);
  const ports = [silent, own ?? '', 'plain.1'].map(promiscuity);
  console.log(JSON.stringify({ body, promiscuityAfter: ports, log: agent.output() }));
} finally {
  await agent.stop();
  await conductor.close();
}
