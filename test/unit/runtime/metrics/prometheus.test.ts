import { beforeEach, describe, expect, it } from 'vitest';
import { createHub, type Hub } from '../../../../src/runtime/index.ts';
import { callOf, outcomeOf } from '../../../../src/runtime/metrics/calls.ts';
import { createPrometheus, type Prometheus } from '../../../../src/runtime/metrics/index.ts';
import type { Exchange } from '../../../../src/system/index.ts';
import { createFakeClock, type FakeClock } from '../../../kit/fake-clock.ts';

const exchange = (path: string, status: number | null): Exchange => ({
  method: 'POST',
  url: `http://c${path}`,
  path,
  status,
  ms: 1,
  why: null,
});

describe('requests to the control plane as labels', () => {
  it.each([
    ['/', 'discovery'],
    ['/v1/', 'discovery'],
    ['/v1/lookup', 'lookup'],
    ['/baremetal/v1/lookup', 'lookup'],
    ['/v1/heartbeat/5b3e', 'heartbeat'],
    ['/v1/continue', 'inspection'],
    ['/v1/continue_inspection', 'inspection'],
    ['/anything', 'other'],
  ])('%s is %s', (path, call) => {
    expect(callOf(exchange(path, 200))).toBe(call);
  });
  it.each([
    [null, 'unreachable'],
    [202, 'accepted'],
    [409, 'conflict'],
    [404, 'refused'],
    [503, 'failed'],
    [999, 'failed'],
  ])('%s is %s', (status, outcome) => {
    expect(outcomeOf({ status })).toBe(outcome);
  });
});

describe('the page for Prometheus', () => {
  let clock: FakeClock;
  let hub: Hub;
  let page: Prometheus;
  const lines = async () => (await page.text(hub.snapshot())).split('\n').filter((line) => !line.startsWith('#'));
  beforeEach(async () => {
    clock = createFakeClock();
    hub = createHub({ version: '12.1.0', clock });
    page = await createPrometheus({ version: '12.1.0', clock });
  });

  it('says what the agent does now', async () => {
    hub.enter('serving', null);
    await clock.advance(5000);
    hub.commandStarted('id-1', 'standby.prepare_image');
    hub.progress('id-1', { phase: 'image.write', done: 1024, total: 4096, unit: 'bytes', on: '/dev/sda' });
    await clock.advance(2000);
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'ironic_agent_build_info{version="12.1.0"} 1',
        'ironic_agent_state{state="serving"} 1',
        'ironic_agent_state_seconds 7',
        'ironic_agent_running_command_seconds{command="standby.prepare_image"} 2',
        'ironic_agent_progress_done{phase="image.write",unit="bytes"} 1024',
        'ironic_agent_progress_total{phase="image.write",unit="bytes"} 4096',
        'ironic_agent_heartbeat_age_seconds Nan',
        expect.stringMatching(/^process_resident_memory_bytes \d{6,}$/),
        expect.stringMatching(/^process_cpu_seconds_total \d/),
        expect.stringMatching(/^process_start_time_seconds 1767225600$/),
      ]),
    );
    hub.commandEnded('id-1', null);
    hub.enter('locked', null);
    const later = (await lines()).join('\n');
    expect(later).not.toMatch(/running_command|progress|serving/);
  });

  it('counts commands, requests and calls', async () => {
    page.ended({ name: 'clean.get_clean_steps', status: 'SUCCEEDED', ms: 500 });
    page.ended({ name: 'clean.get_clean_steps', status: 'SUCCEEDED', ms: 20_000 });
    page.ended({ name: 'standby.sync', status: 'FAILED', ms: 10 });
    for (const status of [200, 200, 401]) page.answered({ method: 'GET', route: '/v1/status', status, ms: 1 });
    page.answered({ method: 'BREW', route: null, status: 404, ms: 1 });
    page.exchanged(exchange('/v1/heartbeat/1', 202));
    page.exchanged(exchange('/v1/heartbeat/1', null));
    page.exchanged(exchange('/v1/lookup', 404));
    await clock.advance(30_000);
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'ironic_agent_command_duration_seconds_count{command="clean.get_clean_steps",status="SUCCEEDED"} 2',
        'ironic_agent_command_duration_seconds_sum{command="clean.get_clean_steps",status="SUCCEEDED"} 20.5',
        'ironic_agent_command_duration_seconds_bucket{le="10",command="clean.get_clean_steps",status="SUCCEEDED"} 1',
        'ironic_agent_command_duration_seconds_count{command="standby.sync",status="FAILED"} 1',
        'ironic_agent_api_requests_total{route="/v1/status",method="GET",status="200"} 2',
        'ironic_agent_api_requests_total{route="/v1/status",method="GET",status="401"} 1',
        'ironic_agent_api_requests_total{route="none",method="other",status="404"} 1',
        'ironic_agent_conductor_requests_total{call="heartbeat",outcome="accepted"} 1',
        'ironic_agent_conductor_requests_total{call="heartbeat",outcome="unreachable"} 1',
        'ironic_agent_conductor_requests_total{call="lookup",outcome="refused"} 1',
        'ironic_agent_heartbeat_age_seconds 30',
      ]),
    );
  });

  it('stays small whatever strangers ask for', async () => {
    for (let n = 0; n < 1000; n += 1) {
      page.answered({ method: `M${n}`, route: null, status: 404, ms: 1 });
      page.exchanged(exchange(`/v1/heartbeat/${n}`, 200 + (n % 400)));
    }
    expect((await lines()).length).toBeLessThan(60);
  });
});
