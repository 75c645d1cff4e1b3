import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentProcess, makePlace, startAgent } from '../agent-process.ts';
import { callAgent, certificateOf } from '../conductor-call.ts';
import { lookupDocument, type ScriptedConductor, startConductor, TOKEN } from '../scripted-conductor.ts';

/**
 * `scenario.ts <lockdown|fatal-token|rescue>`, inside a network and a mount namespace of its own: an agent on a machine
 * with three links comes to one of its ends, is killed and started again. Prints JSON.
 */
const [wanted = ''] = process.argv.slice(2);
/** The first has a name that makes it a network interface to the agent: virtual links have no device. */
const NICS = ['nic.7', 'veth1', 'br0'];

const run = (line: string) => execFileSync('/bin/sh', ['-c', line], { stdio: 'pipe' });
const linksUp = () =>
  readdirSync('/sys/class/net')
    .filter((nic) => nic !== 'lo' && Number(readFileSync(`/sys/class/net/${nic}/flags`, 'utf8')) & 1)
    .sort();

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });
}

async function until(check: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const from = Date.now();
  while (!(await check())) {
    if (Date.now() - from > withinMs) return Number.POSITIVE_INFINITY;
    await sleep(20);
  }
  return Date.now() - from;
}

const isAlive = ({ pid }: AgentProcess) => existsSync(`/proc/${pid}`);

async function call(conductor: ScriptedConductor, port: number, name: string, params: object) {
  const ca = certificateOf(await conductor.nth('heartbeat', 1));
  return (await callAgent(port, ca, 'POST', `/v1/commands/?wait=false&agent_token=${TOKEN}`, { name, params })).body;
}

/** What an operator and a conductor can see of an agent that came to its end. */
async function look(agent: AgentProcess, conductor: ScriptedConductor, state: string) {
  const beats = conductor.seen('heartbeat').length;
  await agent.sees(new RegExp(`^state +${state} since`, 'm'), 60_000);
  const down = state === 'rescued' ? 0 : await until(() => linksUp().length === 0, 10_000);
  await sleep(500);
  const newBeats = conductor.seen('heartbeat').length - beats;
  const said = /^state +\S+ since.*$/gm;
  return { down, up: linksUp(), alive: isAlive(agent), newBeats, screen: agent.output().match(said)?.at(-1) };
}

async function scenario(conductor: ScriptedConductor) {
  const place = { ...(await makePlace()), ownNetwork: true as const };
  const flags = ['--api_url', conductor.url, '--lookup_interval', '0', '--disk_wait_attempts', '0'];
  const state = { lockdown: 'locked', 'fatal-token': 'fatal-token', rescue: 'rescued' }[wanted] ?? wanted;
  if (wanted === 'fatal-token')
    conductor.script('lookup', { status: 200, json: lookupDocument({ agent_token: '******' }) });
  const first = await startAgent(flags, place);
  const post = (name: string, params: object) => call(conductor, place.port, name, params);
  const answers = {
    lockdown: () => post('system.lockdown', {}),
    rescue: () => post('rescue.finalize_rescue', { rescue_password: '$5$salt$hash', hashed: true }),
  };
  const answer = wanted === 'lockdown' || wanted === 'rescue' ? await answers[wanted]() : null;
  const refusedAfterMs = await until(() => refuses(place.port), 10_000);
  const ended = await look(first, conductor, state);
  if (state === 'rescued') {
    await first.ended();
  } else {
    // Something brings links up again, before and after the restart.
    run('ip link set nic.7 up');
    Object.assign(ended, { downAgain: await until(() => linksUp().length === 0, 20_000) });
  }
  await first.kill();
  if (state !== 'rescued') run('ip link set nic.7 up');
  const second = await startAgent(flags, place);
  const restarted = { ...(await look(second, conductor, state)), refused: await refuses(place.port) };
  const exit = await second.stop();
  return {
    answer,
    refusedAfterMs,
    ended,
    restarted,
    exit,
    lookups: conductor.seen('lookup').length,
    log: first.output(),
  };
}

run('mount -t sysfs none /sys && ip link set lo up');
run(
  'ip link add nic.7 type veth peer name veth1 && ip link add br0 type bridge && ip addr add 192.0.2.10/24 dev nic.7',
);
for (const nic of NICS) run(`ip link set ${nic} up`);
if (wanted === 'rescue') {
  // Marker and password go into an /etc of this namespace.
  const etc = `${process.env.HOME}/etc`;
  mkdirSync(etc, { recursive: true });
  run(`cp -a /etc/. ${etc} && mkdir -p -m 0700 ${etc}/ipa-rescue-config && mount --bind ${etc} /etc`);
}
const conductor = await startConductor({ version: '1.96' });
const result = await scenario(conductor);
await conductor.close();
const rescued = {
  marker: existsSync('/etc/.rescued'),
  password: existsSync('/etc/ipa-rescue-config/ipa-rescue-password'),
};
process.stdout.write(JSON.stringify({ ...result, rescued }));
