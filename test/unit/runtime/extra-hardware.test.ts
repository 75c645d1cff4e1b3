import { describe, expect, it } from 'vitest';
import { createHub } from '../../../src/runtime/hub.ts';
import { type InspectionContext, makeReport } from '../../../src/runtime/inspection/index.ts';
import { INSPECTION_WAITS, tellHub } from '../../../src/runtime/inspection-progress.ts';
import { asExtra } from '../../kit/extra-hook.ts';
import { inspectionKit } from '../../kit/inspection-context.ts';
import { memoryFiles } from '../../kit/memory-files.ts';

const { signal } = new AbortController();

describe('the extra-hardware collector in the report', () => {
  it('adds `data` as the hooks read it', async () => {
    const { context } = inspectionKit({ kernel: '', machine: 'two-socket-server' });
    const { payload } = await makeReport(context, ['extra-hardware'], signal);
    expect(payload.error).toBeNull();
    expect(asExtra(JSON.parse(JSON.stringify(payload.data)))).toMatchObject({
      system: { product: { name: 'XR-2200 (SKU-XR22)' } },
      cpu: { physical: { number: 2 }, logical: { number: 64 } },
      disk: { logical: { count: 3 } },
    });
  });

  it.each<[string, (context: InspectionContext) => InspectionContext]>([
    [
      'nothing can be read',
      (context) => ({
        ...context,
        ports: {
          ...context.ports,
          files: memoryFiles({}),
          tools: { run: () => Promise.reject(new Error('no program works')) },
        },
        settings: inspectionKit({ kernel: '' }).context.settings,
      }),
    ],
    [
      'nobody listens to its progress',
      (context) => ({
        ...context,
        tell: () => {
          throw new Error('nobody to tell');
        },
      }),
    ],
  ])('never fails an inspection: %s', async (_case, breakIt) => {
    const { context } = inspectionKit({ kernel: 'ipa-inspection-benchmarks=cpu' });
    const { payload, failures } = await makeReport(breakIt(context), ['extra-hardware'], signal);
    expect(payload.error).toBeNull();
    expect(failures).toEqual([]);
  });

  it('names benchmarks that do not exist and makes the others', async () => {
    const { context, lines } = inspectionKit({ kernel: 'ipa-inspection-benchmarks=mem,swim' });
    const phases: string[] = [];
    // No memory is known to be free, so there is nothing to measure.
    const ports = { ...context.ports, files: memoryFiles({}) };
    await makeReport({ ...context, ports, tell: ({ phase }) => void phases.push(phase) }, ['extra-hardware'], signal);
    const unknown = lines.filter((line) => line.includes('inspect.benchmarks.unknown'));
    expect(unknown).toHaveLength(1);
    expect(unknown.join()).toContain('swim');
    expect(phases).toEqual(['benchmark mem']);
  });

  it('has no benchmarks unless they are asked for', async () => {
    const { context, lines } = inspectionKit({ kernel: '' });
    await makeReport(context, ['extra-hardware'], signal);
    expect(lines.filter((line) => line.includes('benchmark'))).toEqual([]);
  });

  it('ends when the agent is told to', async () => {
    const { context } = inspectionKit({ kernel: '' });
    const stop = new AbortController();
    const hanging = {
      ...context,
      ports: { ...context.ports, tools: { run: () => new Promise<never>(() => undefined) } },
    };
    const running = makeReport(hanging, ['extra-hardware'], stop.signal);
    stop.abort(new Error('shutting down'));
    await expect(running).rejects.toThrow('shutting down');
  });
});

describe('an inspection that takes long', () => {
  it('shows what it is doing, and since when', () => {
    let now = 0;
    const hub = createHub({ version: '1', clock: { now: () => now } });
    hub.enter('inspecting', INSPECTION_WAITS);
    const tell = tellHub(hub);
    const seen = [
      { phase: 'benchmark disk', done: 2, total: 8, unit: 'items', on: '/dev/sda: read_1M' },
      { phase: 'benchmark disk', done: 8, total: 8, unit: 'items' },
    ] as const;
    const shown = seen.map((progress) => {
      now += 1000;
      tell(progress);
      const { state, waitsFor, since } = hub.snapshot();
      return [state, waitsFor, since];
    });
    expect(shown).toEqual([
      ['inspecting', 'benchmark disk, 3 of 8: /dev/sda: read_1M', 1000],
      ['inspecting', INSPECTION_WAITS, 2000],
    ]);
  });
});
