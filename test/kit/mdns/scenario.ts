/** Runs inside a network namespace of its own: a conductor that only multicast DNS announces, and the agent. */
import { execFileSync } from 'node:child_process';
import multicastDns from 'multicast-dns';
import { startAgent } from '../agent-process.ts';
import { startConductor } from '../scripted-conductor.ts';

const NAME = 'baremetal._openstack._tcp.local';
const ip = (...args: readonly string[]) => execFileSync('ip', args);

ip('link', 'set', 'lo', 'up');
ip('link', 'add', 'prov0', 'type', 'veth', 'peer', 'name', 'far0');
ip('address', 'add', '198.51.100.1/24', 'dev', 'prov0');
for (const nic of ['prov0', 'far0']) ip('link', 'set', nic, 'up');

const conductor = await startConductor({ host: '198.51.100.1', version: '1.82' });
const responder = multicastDns({ interface: '198.51.100.1', bind: '0.0.0.0' });
let asked = 0;
responder.on('query', (query) => {
  if (!query.questions?.some(({ name }) => name === NAME)) return;
  asked += 1;
  // The first question is lost, as happens on a network.
  if (asked === 1) return;
  responder.respond({
    answers: [
      { name: NAME, type: 'SRV', data: { target: 'conductor.local', port: conductor.port } },
      {
        name: NAME,
        type: 'TXT',
        data: ['protocol=http', 'ipa_lookup_interval=9', `ipa_inspection_callback_url=${conductor.url}/v1/continue`],
      },
    ],
    additionals: [{ name: 'conductor.local', type: 'A', data: '198.51.100.1' }],
  });
});
await new Promise<void>((resolve) => responder.once('ready', () => resolve()));
const agent = await startAgent([
  '--api_url',
  'mdns',
  '--disk_wait_attempts',
  '0',
  '--noenable_auto_tls',
  '--listen_host',
  '0.0.0.0',
]);
try {
  const beat = await conductor.nth('heartbeat', 1);
  console.log(
    JSON.stringify({ beat: beat.body, inspected: conductor.seen('inspection').length, asked, log: agent.output() }),
  );
} finally {
  await agent.stop();
  responder.destroy();
  await conductor.close();
}
