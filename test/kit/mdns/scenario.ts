/** Runs inside a network namespace of its own: a conductor that only multicast DNS announces, and the agent. */
import { startAgent } from '../agent-process.ts';
import { startConductor } from '../scripted-conductor.ts';
import { announce, HOST, makeLink } from './network.ts';

makeLink();
const conductor = await startConductor({ host: HOST, version: '1.82' });
// The first question is lost, as happens on a network.
const announcer = await announce(
  [
    {
      service: 'baremetal',
      port: conductor.port,
      text: ['protocol=http', 'ipa_lookup_interval=9', `ipa_inspection_callback_url=${conductor.url}/v1/continue`],
    },
  ],
  1,
);
const flags = ['--disk_wait_attempts', '0', '--noenable_auto_tls', '--listen_host', '0.0.0.0'];
const agent = await startAgent(['--api_url', 'mdns', ...flags]);
try {
  const beat = await conductor.nth('heartbeat', 1);
  const inspected = conductor.seen('inspection').length;
  console.log(JSON.stringify({ beat: beat.body, inspected, asked: announcer.asked, log: agent.output() }));
} finally {
  await agent.stop();
  announcer.close();
  await conductor.close();
}
