import got, { RequestError, type Response } from 'got';
import { Type } from 'typebox';
import { type Clock, fits, type Log, parse, reasonOf } from '../../src/core/index.ts';
import { AgentApiFailed, AgentBusy, AgentUnreachable } from './errors.ts';
import { errorText } from './judge.ts';
import { CommandEntry } from './states.ts';

/** How to reach one agent, as its heartbeat said. */
export interface AgentAddress {
  readonly url: string;
  readonly token: string | null;
  /** PEM of the only certificate to trust; null for plain HTTP or the system's trust store. */
  readonly ca: string | null;
}

export interface AgentLimits {
  readonly commandTimeoutMs: number;
  readonly attempts: number;
  readonly pollIntervalMs: number;
  readonly pollAttempts: number;
}

/** Defaults of Ironic's `[agent]` section (protocol.md 8.1). */
export const ironicLimits: AgentLimits = {
  commandTimeoutMs: 60_000,
  attempts: 3,
  pollIntervalMs: 6_000,
  pollAttempts: 100,
};

export interface AgentClient {
  /** `wait` blocks until the command ends, `start` returns at once, `poll` starts it and reads the list until it ended. */
  command(
    name: string,
    params: Readonly<Record<string, unknown>>,
    mode: 'wait' | 'start' | 'poll',
    signal: AbortSignal,
  ): Promise<CommandEntry>;
  commands(signal: AbortSignal): Promise<readonly CommandEntry[]>;
}

const CommandList = Type.Object({ commands: Type.Array(CommandEntry) });
const Fault = Type.Object({ faultstring: Type.String() });
const TypeFault = Type.Object({ type: Type.Literal('TypeError') });

interface Settings {
  readonly address: AgentAddress;
  readonly limits: AgentLimits;
  /** Ironic 2025.1 and later send the token on GET too (protocol.md 7.6). */
  readonly tokenOnGet: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

const bareName = (command: string) => command.slice(command.indexOf('.') + 1);

function jsonOf(response: Response<string>, what: string): unknown {
  try {
    return JSON.parse(response.body);
  } catch {
    throw AgentApiFailed(`${what}: status ${response.statusCode} and not JSON: ${response.body.slice(0, 200)}`);
  }
}

/** A good answer is returned; a bad one becomes the error that Ironic would see. */
function answerOf(response: Response<string>, command: string): CommandEntry {
  const body = jsonOf(response, command);
  if (response.statusCode >= 400) {
    if (!fits(Fault, body)) throw AgentApiFailed(`${command}: status ${response.statusCode} without a faultstring`);
    if (response.statusCode === 409 || /agent is busy/i.test(body.faultstring)) throw AgentBusy(body.faultstring);
    throw AgentApiFailed(`${command}: status ${response.statusCode}: ${body.faultstring}`);
  }
  return withoutTypeError(parse(CommandEntry, body, `answer to ${command}`), command);
}

function withoutTypeError(entry: CommandEntry, command: string): CommandEntry {
  if (fits(TypeFault, entry.command_error)) throw AgentApiFailed(`${command}: ${errorText(entry.command_error)}`);
  return entry;
}

interface Wire {
  commands(signal: AbortSignal): Promise<readonly CommandEntry[]>;
  post(name: string, params: unknown, wait: boolean, signal: AbortSignal): Promise<CommandEntry>;
}

/** Single requests: no polling, no decisions. */
function createWire({ address, limits, tokenOnGet }: Settings): Wire {
  const url = `${address.url}/v1/commands/`;
  const token = address.token === null ? {} : { agent_token: address.token };
  const http = got.extend({
    throwHttpErrors: false,
    retry: { limit: 0 },
    followRedirect: false,
    timeout: { request: limits.commandTimeoutMs },
    ...(address.ca === null ? {} : { https: { certificateAuthority: address.ca } }),
  });
  return {
    commands: async (signal) => {
      const get = async () => http.get(url, { signal, searchParams: tokenOnGet ? token : {} });
      const response = await attempts(get, limits.attempts, signal);
      const body = jsonOf(response, 'list of commands');
      if (response.statusCode >= 400 || !fits(CommandList, body))
        throw AgentApiFailed(`list of commands: status ${response.statusCode}: ${response.body.slice(0, 200)}`);
      return body.commands;
    },
    post: async (name, params, wait, signal) => {
      const searchParams = { wait: String(wait), ...token };
      return answerOf(await http.post(url, { signal, searchParams, json: { name, params } }), name);
    },
  };
}

/** Speaks to the agent with Ironic's time limits, attempts and reading of answers (protocol.md 8.1). */
export function createAgentClient(settings: Settings): AgentClient {
  const { limits, clock, log } = settings;
  const wire = createWire(settings);

  /** After a lost answer the command may run all the same: then the list shows it. */
  const acceptedAnyway = async (name: string, signal: AbortSignal): Promise<CommandEntry | null> => {
    const last = (await wire.commands(signal).catch(() => [])).at(-1);
    return last?.command_name === bareName(name) && last.command_status === 'RUNNING' ? last : null;
  };

  const send = (name: string, params: unknown, wait: boolean, signal: AbortSignal) => {
    const once = async () => {
      try {
        return await wire.post(name, params, wait, signal);
      } catch (error) {
        const running = error instanceof RequestError ? await acceptedAnyway(name, signal) : null;
        if (running === null) throw error;
        return running;
      }
    };
    return attempts(once, limits.attempts, signal);
  };

  const poll = async (name: string, signal: AbortSignal): Promise<CommandEntry> => {
    for (let look = 0; look < limits.pollAttempts; look += 1) {
      const mine = (await wire.commands(signal)).filter((c) => c.command_name === bareName(name)).at(-1);
      if (mine !== undefined && mine.command_status !== 'RUNNING') return withoutTypeError(mine, name);
      await clock.sleep(limits.pollIntervalMs, signal);
    }
    throw AgentUnreachable(`${name} did not end within ${limits.pollAttempts} looks at the command list`);
  };

  return {
    commands: wire.commands,
    command: async (name, params, mode, signal) => {
      log.debug('conductor.command', { name, mode });
      const entry = await send(name, params, mode === 'wait', signal);
      return mode === 'poll' ? poll(name, signal) : entry;
    },
  };
}

/** Connection faults are tried again at once; an answer of any kind is an answer. */
async function attempts<T>(work: () => Promise<T>, limit: number, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof RequestError)) throw error;
      if (attempt >= limit) throw AgentUnreachable(reasonOf(error), { cause: error });
    }
  }
}
