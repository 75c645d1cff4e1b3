import { describe, expect, it } from 'vitest';
import type { ReportCollector } from '../../../src/runtime/inspection/collectors.ts';
import { makeReport } from '../../../src/runtime/inspection/report.ts';
import { inspectionKit } from '../../kit/inspection-context.ts';
import { memoryFiles } from '../../kit/memory-files.ts';

const { signal } = new AbortController();
const collector = (collect: ReportCollector['collect'], budgetMs = 5_000): ReportCollector => ({
  budgetMs: () => budgetMs,
  collect,
});
const hanging = collector(() => new Promise(() => undefined), 20);
const broken = collector(() => Promise.reject(new Error('bus error')));
const half = collector(async (_context, _names, _signal, fail) => {
  fail('one fan does not turn');
  return { fans: 3 };
});
const good = collector(async (_context, names) => ({ good: names }));

describe('the report of an inspection', () => {
  it.each([
    ['all is well', ['good'], { good: ['good'], error: null }],
    [
      'one hangs',
      ['hanging', 'good'],
      {
        good: ['hanging', 'good'],
        error: 'The following errors were encountered:\n* collector hanging failed: no answer within 0.02 s',
      },
    ],
    [
      'one breaks and one complains',
      ['broken', 'half', 'good'],
      {
        good: ['broken', 'half', 'good'],
        fans: 3,
        error: [
          'The following errors were encountered:',
          '* collector broken failed: bus error',
          '* one fan does not turn',
        ].join('\n'),
      },
    ],
    [
      'names are unknown',
      ['good', 'x', 'y'],
      { error: 'The following errors were encountered:\n* unknown collector x\n* unknown collector y' },
    ],
  ])('when %s', async (_case, names, payload) => {
    const { context } = inspectionKit({ kernel: '' });
    const collectors = new Map(Object.entries({ hanging, broken, half, good }));
    const report = await makeReport(context, names, signal, collectors);
    expect(report.payload).toEqual(payload);
    expect(report.failures.length === 0).toBe(payload.error === null);
  });

  it('ends at once when the agent is told to end', async () => {
    const { context } = inspectionKit({ kernel: '' });
    const stop = new AbortController();
    const slow = new Map([['slow', collector(() => new Promise(() => undefined), 60_000)]]);
    const running = makeReport(context, ['slow'], stop.signal, slow);
    stop.abort(new Error('shutting down'));
    await expect(running).rejects.toThrow('shutting down');
  });

  it('says in `error` that no interface has a MAC address', async () => {
    const { context } = inspectionKit({ kernel: '' });
    const blind = { ...context, ports: { ...context.ports, files: memoryFiles({}) } };
    const { payload, inventory } = await makeReport(blind, ['default'], signal);
    expect(payload.error).toContain('* no network interface has a MAC address');
    expect(inventory?.interfaces).toEqual([]);
  });

  it('adds one key for each optional collector; one that fails is named, NUMA is only missed', async () => {
    const { context } = inspectionKit({ kernel: '' });
    const files = memoryFiles({ '/sys/bus/pci/devices': { kind: 'dir' } });
    const bare = { ...context, ports: { ...context.ports, files } };
    const names = ['pci-devices', 'usb-devices', 'numa-topology', 'dmi-decode'];
    expect((await makeReport(bare, names, signal)).payload).toEqual({
      pci_devices: [],
      usb_devices: [],
      error: expect.stringMatching(/^The following errors were encountered:\n\* collector dmi-decode failed: .+$/),
    });
  });
});
