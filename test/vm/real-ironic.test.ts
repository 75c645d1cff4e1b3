import { afterEach, describe, expect, it } from 'vitest';
import { labRun } from '../kit/lab-run.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

describe('under a real, unmodified Ironic 2023.1', () => {
  it('is enrolled, cleaned, deployed from a qcow2 and boots its system', async () => {
    const made = await labRun(['--ironic', '--firmware', 'uefi', '--disk', 'nvme:5120:NVME-1']);
    cleanups.push(made.forget);
    expect(made.report.failure, made.progress).toBeNull();
    expect(made.exitCode).toBe(0);
    expect(made.report.states).toEqual(expect.arrayContaining(['manageable', 'clean wait', 'available', 'active']));
    expect(made.report.image).toMatchObject({ device: '/dev/nvme0n1', verified: true });
    expect(made.report.os).toMatchObject({ firmware: 'uefi', diskSerial: 'NVME-1', hostname: 'lab-node-1' });
  });
});
