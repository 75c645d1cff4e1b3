import { resolveConfig } from '../../src/config/index.ts';
import { createSecrets } from '../../src/core/index.ts';
import { type Agent, createAgent, type Serving } from '../../src/runtime/index.ts';
import {
  createFiles,
  createJsonHttp,
  createLog,
  createMulticastDns,
  createNetProbe,
  recentLines,
} from '../../src/system/index.ts';
import { recordedMemory } from './agent-memory.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { memoryFiles } from './memory-files.ts';
import { type RecordedTools, recordedTools } from './recorded-tools.ts';

export const RECORDED_MAC = '52:54:00:12:34:56';

const NIC = {
  '/sys/class/net/eth0/device': { link: '0000:00:02.0' },
  '/sys/class/net/eth0/address': RECORDED_MAC,
  '/sys/class/net/eth0/flags': '0x1003',
};
const LINKS = { argv: ['ip', '-j', '-d', 'addr'], out: '[]' };
const DOWN = { argv: ['ip', 'link', 'set', 'dev', 'eth0', 'down'] };

export interface RecordedAgent {
  readonly agent: Agent;
  readonly clock: FakeClock;
  readonly tools: RecordedTools;
  /** What the HTTP face was given, once it was opened. */
  readonly served: readonly Serving[];
  readonly lines: readonly string[];
}

/** A whole agent on a machine of which little more than one NIC is known: what it does to links touches no real one. */
export function recordedAgent(kernel: string): RecordedAgent {
  const tools = recordedTools([...Array.from({ length: 30 }, () => LINKS), DOWN]);
  const files = memoryFiles(NIC);
  const clock = createFakeClock({ auto: true });
  const secrets = createSecrets();
  const served: Serving[] = [];
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ debug: true, format: 'text', secrets, destination });
  const agent = createAgent({
    resolved: resolveConfig({ files: [], env: {}, flags: [], kernel, facts: { ipv6Enabled: true } }),
    ports: { tools, files, clock, log, http: createJsonHttp(createFiles()), multicast: createMulticastDns(log) },
    net: createNetProbe(files),
    secrets,
    version: '12.1.0',
    memory: recordedMemory(),
    bootif: null,
    proxies: {},
    datagrams: { send: async () => undefined },
    prometheus: null,
    recentLog: recentLines(secrets),
    relieve: () => undefined,
    listen: async (given) => {
      served.push(given);
      return { close: async () => undefined };
    },
  });
  return { agent, clock, tools, served, lines };
}
