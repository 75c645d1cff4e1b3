/**
 * Runs inside a network namespace of its own: Ironic and an inspection service that only multicast DNS announces, and
 * the inspection-only program.
 */
import { startAgent } from '../agent-process.ts';
import { startConductor } from '../scripted-conductor.ts';
import { announce, HOST, makeLink } from './network.ts';

makeLink();
const [ironic, inspector] = [await startConductor({ host: HOST }), await startConductor({ host: HOST })];
const announcer = await announce([
  { service: 'baremetal', port: ironic.port, text: ['protocol=http'] },
  { service: 'baremetal-introspection', port: inspector.port, text: ['protocol=http'] },
]);
const program = await startAgent(['inspect', '--inspection_collectors', 'default', '--mdns-use_mdns']);
try {
  const code = await program.ended();
  const paths = { ironic: ironic.seen().map(({ path }) => path), inspector: inspector.seen().map(({ path }) => path) };
  console.log(JSON.stringify({ code, paths, asked: announcer.asked, log: program.output() }));
} finally {
  await program.stop();
  announcer.close();
  await Promise.all([ironic.close(), inspector.close()]);
}
