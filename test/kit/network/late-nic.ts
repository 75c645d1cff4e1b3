/** Runs inside a network and a mount namespace of its own: a machine whose only network interface comes after the agent. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAgent } from '../agent-process.ts';
import { startConductor } from '../scripted-conductor.ts';

const MAC = '52:54:00:0a:0b:0c';
const ip = (...args: readonly string[]) => execFileSync('ip', args);

// The links of this namespace, not those of the machine.
execFileSync('mount', ['-t', 'sysfs', 'none', '/sys']);
ip('link', 'set', 'lo', 'up');
const conductor = await startConductor({ version: '1.82' });
const flags = ['--disk_wait_attempts', '0', '--noenable_auto_tls', '--advertise_host', '127.0.0.1'];
const agent = await startAgent(['--api_url', conductor.url, ...flags]);
try {
  await agent.sees(/boot\.phase\.start phase=settling/);
  await sleep(1000);
  const early = conductor.seen('lookup').length;
  // A VLAN's name makes it a network interface to the agent: virtual links have no device. It stays down.
  ip('link', 'add', 'nic.7', 'address', MAC, 'type', 'veth', 'peer', 'name', 'far0');
  const { query } = await conductor.nth('lookup', 1);
  await conductor.nth('heartbeat', 1);
  console.log(JSON.stringify({ early, addresses: query.get('addresses'), mac: MAC, log: agent.output() }));
} finally {
  await agent.stop();
  await conductor.close();
}
