import { afterEach, describe, expect, it } from 'vitest';
import { InspectionFailed, inspectionTargets, postInspection } from '../../src/ironic/index.ts';
import { ironicKit, plainTls } from '../kit/ironic-ports.ts';
import { deadUrl, fault, NODE_UUID, type ScriptedConductor, startConductor } from '../kit/scripted-conductor.ts';

const open: ScriptedConductor[] = [];
const conductor = async () => {
  const one = await startConductor();
  open.push(one);
  return one;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const { signal } = new AbortController();
const payload = { inventory: { interfaces: [] }, error: null };
const to = (...urls: readonly string[]) => ({
  urls: inspectionTargets({ callbackUrl: null, apiUrls: urls }),
  requestTimeoutMs: 300,
  tls: plainTls,
  globalRequestId: 'req-2',
});

describe('inspection callback (check 25)', () => {
  it('posts the inventory without a version header and returns the UUID', async () => {
    const server = await conductor();
    const { ports } = ironicKit({ auto: true });
    expect(await postInspection(ports, to(server.url), payload, signal)).toEqual({ uuid: NODE_UUID });
    const [request] = server.seen();
    expect(request).toMatchObject({ method: 'POST', path: '/v1/continue_inspection', body: payload });
    expect(request?.headers).not.toHaveProperty('x-openstack-ironic-api-version');
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'x-openstack-request-id': 'req-2' });
  });

  it.each([
    ['202 with a UUID', { status: 202, json: { uuid: 'u' } }, 'u'],
    ['no UUID', { status: 202, json: {} }, null],
    ['an empty body', { status: 202 }, null],
    ['a list', { status: 200, json: [] }, null],
    ['no JSON', { status: 200, text: 'thank you' }, null],
    ['a misspelt type', { status: 200, json: { uuid: 'u' }, headers: { 'content-type': 'applications/json' } }, 'u'],
  ])('accepts %s', async (_case, reply, uuid) => {
    const server = await conductor();
    server.script('inspection', reply);
    const { ports } = ironicKit({ auto: true });
    expect(await postInspection(ports, to(server.url), payload, signal)).toEqual({ uuid });
  });

  it('takes no orders about BMC accounts from an answer, and keeps their password out of the log', async () => {
    const server = await conductor();
    const json = { ipmi_setup_credentials: true, ipmi_username: 'admin', ipmi_password: 'correct-horse' };
    server.script('inspection', { status: 200, json });
    const { ports, lines } = ironicKit({ auto: true });
    expect(await postInspection(ports, to(server.url), payload, signal)).toEqual({ uuid: null });
    expect(lines.join('')).toContain('inspection.credentials.ignored');
    expect(lines.join('')).not.toContain('correct-horse');
    expect(lines.join('')).not.toContain('tool.start');
  });

  it("shows ironic-inspector's own words", async () => {
    const server = await conductor();
    server.script('inspection', { status: 404, json: { error: { message: 'Could not find a node for attributes' } } });
    const { ports } = ironicKit({ auto: true });
    const running = postInspection(ports, to(server.url), payload, signal);
    await expect(running).rejects.toThrow('404: Could not find a node for attributes');
  });

  it('tries five times with pauses 5, 5, 6, 12 s over 500, 409, a cut and a silent connection', async () => {
    const server = await conductor();
    server.script(
      'inspection',
      { status: 500 },
      fault(409, 'locked'),
      'hang',
      { status: 503 },
      { status: 202, json: { uuid: 'u' } },
    );
    const { ports, clock } = ironicKit({ auto: true });
    expect(await postInspection(ports, to(server.url), payload, signal)).toEqual({ uuid: 'u' });
    expect(clock.sleeps).toEqual([5_000, 5_000, 6_000, 12_000]);
  });

  it('gives up after the fifth failure with the last reason', async () => {
    const server = await conductor();
    server.script('inspection', { status: 500, text: 'database is down' });
    const { ports } = ironicKit({ auto: true });
    const running = postInspection(ports, to(server.url), payload, signal);
    await expect(running).rejects.toThrow('5 attempts, the last: 500: database is down');
    await expect(running).rejects.toSatisfy(InspectionFailed.is);
    expect(server.seen('inspection')).toHaveLength(5);
  });

  it('counts names that do not resolve as passing faults', async () => {
    const { ports, clock } = ironicKit({ auto: true });
    const running = postInspection(ports, to('http://no-such-host.invalid'), payload, signal);
    await expect(running).rejects.toSatisfy(InspectionFailed.is);
    expect(clock.sleeps).toHaveLength(4);
  });

  it('takes the next URL when one is dead, in the same attempt', async () => {
    const dead = await deadUrl();
    const server = await conductor();
    const { ports, clock } = ironicKit({ auto: true });
    expect(await postInspection(ports, to(dead, server.url), payload, signal)).toEqual({ uuid: NODE_UUID });
    expect(clock.sleeps).toEqual([]);
  });

  it.each([400, 403, 404])('is refused with %i at once, so that lookup goes on', async (status) => {
    const server = await conductor();
    server.script('inspection', fault(status, 'no such thing'));
    const { ports, clock } = ironicKit({ auto: true });
    const running = postInspection(ports, to(server.url), payload, signal);
    await expect(running).rejects.toThrow(`${status}: no such thing`);
    await expect(running).rejects.toSatisfy(InspectionFailed.is);
    expect(clock.sleeps).toEqual([]);
  });

  it('stops while it pauses when aborted', async () => {
    const server = await conductor();
    server.script('inspection', { status: 500 });
    const { ports, clock } = ironicKit();
    const stop = new AbortController();
    const running = postInspection(ports, to(server.url), payload, stop.signal);
    await clock.asleep();
    stop.abort(new Error('shutting down'));
    await expect(running).rejects.toThrow('shutting down');
  });
});
