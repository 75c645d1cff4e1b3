import packageJson from '../package.json' with { type: 'json' };
import { faceOf, report } from './api/cli/index.ts';
import { type CommandLine, InvalidOption, parseCommandLine, type Resolved, renderHelp } from './config/index.ts';
import { AgentError, createSecrets, type Secrets } from './core/index.ts';
import { createInspection, createMachineReports, logSettings, type MachinePorts, readBoot } from './runtime/index.ts';
import {
  createDatagrams,
  createFiles,
  createJsonHttp,
  createLog,
  createMulticastDns,
  createNetProbe,
  createRelief,
  createTools,
  type HeldLines,
  holdLines,
  type LogFile,
  loggedHttp,
  openLogFile,
  type RecentLines,
  recentLines,
  systemClock,
  writesToJournal,
} from './system/index.ts';

const { version } = packageJson;
const files = createFiles();
/** For what happens before a valid configuration is known. */
const FIRST_LOG = { debug: false, format: 'text' } as const;
const net = createNetProbe(files, process.env);

interface Machine {
  readonly resolved: Resolved;
  /** Boot NIC as the kernel line names it, verbatim. */
  readonly bootif: string | null;
  /** What was logged before the configuration was known. */
  readonly early: HeldLines;
}

/** Where the log goes beside standard error. */
interface Sinks {
  readonly file: LogFile | null;
  readonly recent?: RecentLines;
}

function portsOf(resolved: Resolved | null, secrets: Secrets, { file, recent }: Sinks): MachinePorts {
  const { debug, format } = resolved === null ? FIRST_LOG : logSettings(resolved.config);
  const log = createLog({
    debug,
    format,
    secrets,
    journal: writesToJournal(process.env),
    file,
    recent: recent ?? null,
  });
  const http = loggedHttp(createJsonHttp(files, process.env), systemClock, log);
  return { tools: createTools(log), files, clock: systemClock, log, http, multicast: createMulticastDns(log) };
}

/** The file that the operator wants the log in too, and the memory of it; both begin with what was logged before. */
function sinksOf<S extends { readonly recent?: RecentLines }>(resolved: Resolved, early: HeldLines, more: S) {
  const { path } = logSettings(resolved.config);
  const file = path === null ? null : openLogFile(path);
  early.release((line) => {
    more.recent?.write(line);
    file?.write(line);
  });
  return { file, ...more };
}

/** Nothing is under way that could be finished: this process ends, and with it the programs it started. */
const endAtOnce = (_name: string, number: number) => process.exit(128 + number);

/** SIGTERM and SIGINT end the agent in order: answers under way finish, heartbeats stop. */
function untilSignal(): AbortSignal {
  const abort = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.off(name, endAtOnce);
    process.once(name, () => {
      // Whoever asks twice does not want to wait.
      process.once(name, endAtOnce);
      abort.abort(new Error(name));
    });
  }
  return abort.signal;
}

async function runAgent({ resolved, bootif, early }: Machine): Promise<void> {
  // Loaded only here: reports and --help start faster without the server.
  const { createAgent, createPrometheus, openMemory } = await import('./runtime/index.ts');
  const { attachConsole, listen } = await import('./api/index.ts');
  const secrets = createSecrets();
  const recentLog = recentLines(secrets);
  const ports = portsOf(resolved, secrets, sinksOf(resolved, early, { recent: recentLog }));
  ports.log.info('agent.start', { version, pid: process.pid });
  for (const warning of resolved.warnings) ports.log.warn('config.warning', { warning });
  const prometheus = resolved.config.metricsPrometheus ? await createPrometheus({ version, clock: ports.clock }) : null;
  const memory = await openMemory(resolved.config.runtimeDir, version, ports);
  const relieve = createRelief();
  const agent = createAgent({
    resolved,
    ports,
    net,
    secrets,
    version,
    memory,
    bootif,
    proxies: process.env,
    datagrams: createDatagrams(),
    recentLog,
    prometheus,
    relieve,
    listen: (serving) => listen(serving, { files, clock: ports.clock, log: ports.log, secrets, relieve }),
  });
  attachConsole(agent.hub, ports);
  await agent.run(untilSignal());
  ports.log.info('agent.end');
  // What a command left behind, a program that does not obey, must not keep the process.
  process.exit(0);
}

async function runInspection({ resolved, bootif, early }: Machine): Promise<void> {
  const secrets = createSecrets();
  const ports = portsOf(resolved, secrets, sinksOf(resolved, early, {}));
  ports.log.info('inspect.start', { version, pid: process.pid });
  for (const warning of resolved.warnings) ports.log.warn('config.warning', { warning });
  const delivered = await createInspection({ resolved, ports, secrets, bootif }).run(untilSignal());
  // A collector that was given up may have left a program behind; it must not keep the process.
  process.exit(delivered ? 0 : 1);
}

async function printReport(asked: CommandLine, resolved: Resolved, bootif: string | null): Promise<void> {
  const ports = portsOf(resolved, createSecrets(), { file: null });
  const machine = createMachineReports({ ...ports, net }, { bootif, config: resolved.config });
  const { text, remarks, bad } = await report(asked, resolved, machine, new AbortController().signal);
  process.stdout.write(text);
  if (bad === true) process.exitCode = 1;
  for (const remark of remarks) process.stderr.write(`note: ${remark}\n`);
}

/** Configuration and boot NIC of this machine. Only the agent itself may take over what virtual media hold. */
async function readMachine(commandLine: CommandLine): Promise<Machine> {
  const early = holdLines();
  const isAgent = commandLine.command === 'agent' && !commandLine.switches.has('check-config');
  const { resolved, parameters } = await readBoot(
    { files, env: process.env },
    {
      commandLine,
      purpose: isAgent ? 'agent' : 'report',
      open: (first) => portsOf(first, createSecrets(), { file: early }),
    },
    new AbortController().signal,
  );
  return { resolved, bootif: parameters.get('BOOTIF') ?? null, early };
}

function sayValid({ warnings }: Resolved): void {
  process.stdout.write(`The configuration is valid, with ${warnings.length} warning(s).\n`);
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
}

async function main(argv: readonly string[]): Promise<void> {
  // Of a link to the executable only argv0 keeps the name.
  const face = faceOf(process.argv0);
  const commandLine = parseCommandLine(argv, face);
  if (commandLine.switches.has('help')) return void process.stdout.write(renderHelp(face));
  if (commandLine.switches.has('version')) return void process.stdout.write(`${version}\n`);
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(name, endAtOnce);
  const machine = await readMachine(commandLine);
  const { resolved, bootif } = machine;
  if (commandLine.switches.has('check-config')) return sayValid(resolved);
  if (commandLine.command === 'agent') await runAgent(machine);
  else if (commandLine.command === 'inspect') await runInspection(machine);
  else await printReport(commandLine, resolved, bootif);
}

/** A declared error is a sentence for people; anything else is a fault of ours and shows where. */
const textOf = (error: unknown): string => {
  if (error instanceof AgentError) return error.details;
  return String(error instanceof Error ? error.stack : error);
};

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${textOf(error)}\n`);
  process.exitCode = InvalidOption.is(error) ? 2 : 1;
});
