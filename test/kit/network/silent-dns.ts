/**
 * Runs inside a network and a mount namespace of its own: a conductor known by name only, and a DNS server that takes
 * questions without answering, until it does.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent } from '../agent-process.ts';
import { startConductor } from '../scripted-conductor.ts';
import { silentNameServer } from './name-server.ts';

const SERVER = '127.0.0.53';
const HOST = '198.51.100.1';
const own = mkdtempSync(join(tmpdir(), 'silent-dns-'));
/** Shows `text` at `path` to this namespace only. */
function replace(path: string, text: string): void {
  const file = join(own, path.replaceAll('/', '_'));
  writeFileSync(file, text);
  execFileSync('mount', ['--bind', file, path]);
}
replace('/etc/resolv.conf', `nameserver ${SERVER}\noptions timeout:1 attempts:1\n`);
replace('/etc/nsswitch.conf', 'hosts: files dns\n');
execFileSync('mount', ['-t', 'sysfs', 'none', '/sys']);
const ip = (line: string) => execFileSync('ip', line.split(' '));
ip('link set lo up');
ip('link add nic.7 type veth peer name far0');
ip(`address add ${HOST}/24 dev nic.7`);
for (const nic of ['nic.7', 'far0']) ip(`link set ${nic} up`);

const conductor = await startConductor({ version: '1.82', host: HOST });
const names = await silentNameServer(SERVER, HOST);
const flags = ['--disk_wait_attempts', '0', '--noenable_auto_tls', '--advertise_host', '127.0.0.1'];
const agent = await startAgent([
  '--api_url',
  `http://conductor.test:${conductor.port}`,
  '--lookup_interval',
  '0',
  ...flags,
]);
const statusOf = async () => Object(await (await fetch(`http://127.0.0.1:${agent.port}/v1/status`)).json());
try {
  await agent.sees(/lookup\.retry/, 30_000);
  await agent.sees(/ diagnosis verdict=/, 30_000);
  const silent = { ...(await statusOf()), asked: names.asked(), seen: conductor.seen().length };
  names.speak();
  await conductor.nth('heartbeat', 1);
  await agent.sees(/diagnosis\.cleared/, 15_000);
  console.log(JSON.stringify({ silent, after: await statusOf(), log: agent.output() }));
} finally {
  await agent.stop();
  names.close();
  await conductor.close();
}
