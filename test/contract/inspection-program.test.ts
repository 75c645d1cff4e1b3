import { afterEach, describe, expect, it } from 'vitest';
import { InspectionFailed } from '../../src/ironic/index.ts';
import { inspectAlone } from '../../src/runtime/inspection/index.ts';
import { type AgentProcess, startAgent } from '../kit/agent-process.ts';
import { inspectionKit, passTime } from '../kit/inspection-context.ts';
import { fault, type ScriptedConductor, startConductor } from '../kit/scripted-conductor.ts';

const open: { close(): Promise<unknown> }[] = [];
const conductor = async (): Promise<ScriptedConductor> => {
  const one = await startConductor();
  open.push(one);
  return one;
};
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const bodyOf = (seen: { readonly body: unknown } | undefined) => Object(seen?.body);
/** Nothing had to be found: the configuration names the servers. */
const found = async () => undefined;
const taken = { status: 200, json: {} };

describe('the inspection-only program', () => {
  const { signal } = new AbortController();

  it.each([
    ['taken', taken, 'default', true],
    ['refused', fault(404, 'no such node'), 'default', false],
    ['never delivered', { status: 500 }, 'default', false],
    ['taken, but a collector failed', taken, 'spectral', false],
  ])('ends with the answer whether its report was good: %s', async (_case, reply, collectors, good) => {
    const server = await conductor();
    server.script('inspection', reply);
    const kernel = `ipa-inspection-callback-url=${server.url}/v1/continue ipa-inspection-collectors=${collectors}`;
    const { context } = inspectionKit({ kernel, auto: true });
    expect(await inspectAlone(context, found, signal)).toBe(good);
  });

  it('reports to the API when that is all it knows, collectors named or not', async () => {
    const server = await conductor();
    const { context } = inspectionKit({ kernel: `ipa-api-url=${server.url}`, auto: true });
    expect(await inspectAlone(context, found, signal)).toBe(true);
    expect(server.seen().map(({ path }) => path)).toEqual(['/v1/continue_inspection']);
    expect(bodyOf(server.seen()[0])).toHaveProperty('logs');
  });

  it('says that it has nobody to report to', async () => {
    const running = inspectAlone(inspectionKit({ kernel: '' }).context, found, signal);
    await expect(running).rejects.toThrow('there is nobody to report to');
    await expect(running).rejects.toSatisfy(InspectionFailed.is);
  });
});

describe('the inspection daemon', () => {
  const daemon = (url: string, auto = false) => {
    const kit = inspectionKit({ kernel: `ipa-inspection-callback-url=${url}/v1/continue`, auto });
    kit.context.settings.override(
      { introspectionDaemon: true, introspectionDaemonPostInterval: 100, inspectionCollectors: ['default'] },
      'test',
    );
    return kit;
  };

  it('repeats, waits longer with each failure, and comes back to its interval', async () => {
    const server = await conductor();
    const refused = fault(404, 'later');
    server.script('inspection', taken, refused, refused, refused, refused, taken);
    const { context, clock } = daemon(server.url);
    const stop = new AbortController();
    const running = inspectAlone(context, found, stop.signal);
    await passTime(clock, server.nth('inspection', 7), 5_000);
    // Luck is always one half: 0.95 times the interval, which does not drift.
    const pauses = clock.sleeps.map((ms) => ms / 1000);
    expect(pauses.slice(0, 6)).toEqual([95, 256.5, 692.55, 1140, 1140, 95]);
    stop.abort(new Error('SIGTERM'));
    expect(await passTime(clock, running)).toBe(true);
  });

  it('looks at the machine each time', async () => {
    const server = await conductor();
    const { context, clock } = daemon(server.url);
    const stop = new AbortController();
    let addresses = 0;
    const tools: typeof context.ports.tools = {
      run: (tool, input, signal) => {
        if (tool.bin === 'ip') addresses += 1;
        return context.ports.tools.run(tool, input, signal);
      },
    };
    const running = inspectAlone({ ...context, ports: { ...context.ports, tools } }, found, stop.signal);
    await passTime(clock, server.nth('inspection', 3), 5_000);
    expect(addresses).toBeGreaterThanOrEqual(3);
    stop.abort(new Error('SIGTERM'));
    await passTime(clock, running);
  });
});

describe('the inspection-only program as a process', () => {
  const program = async (...flags: string[]): Promise<AgentProcess> => {
    const agent = await startAgent(['inspect', '--inspection_collectors', 'default', ...flags]);
    open.push({ close: () => agent.stop() });
    return agent;
  };

  it('exits 0 when the report was taken, and opens no API', async () => {
    const server = await conductor();
    const agent = await program('--inspection_callback_url', `${server.url}/v1/continue`);
    expect(await agent.ended()).toBe(0);
    expect(bodyOf(server.seen('inspection')[0])).toMatchObject({ error: null, inventory: { cpu: expect.any(Object) } });
    expect(agent.output()).not.toContain('api.listening');
    expect(server.seen().map(({ route }) => route)).toEqual(['inspection']);
  });

  it('exits 1 when it was refused, with the words of the server', async () => {
    const server = await conductor();
    server.script('inspection', { status: 400, json: { error: { message: 'already finished' } } });
    const agent = await program('--inspection_callback_url', `${server.url}/v1/continue`);
    expect(await agent.ended()).toBe(1);
    expect(agent.output()).toContain('400: already finished');
  });

  it('exits 1 when it has nobody to report to, 2 when an option is bad', async () => {
    const lost = await program();
    expect(await lost.ended()).toBe(1);
    expect(lost.output()).toContain('there is nobody to report to');
    const bad = await program('--introspection_daemon_post_interval', 'soon');
    expect(await bad.ended()).toBe(2);
  });

  it('as a daemon ends in order at SIGTERM', async () => {
    const server = await conductor();
    const agent = await program('--inspection_callback_url', `${server.url}/v1/continue`, '--introspection_daemon');
    await agent.sees(/inspect\.again/);
    expect(await agent.stop()).toBe(0);
  });

  it('exits 1 when it is ended before the report is out', async () => {
    const server = await conductor();
    server.script('inspection', { status: 503 });
    const agent = await program('--inspection_callback_url', `${server.url}/v1/continue`);
    await agent.sees(/inspection\.retry/);
    expect(await agent.stop()).toBe(1);
  });
});
