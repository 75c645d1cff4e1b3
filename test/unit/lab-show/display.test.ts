import { describe, expect, it } from 'vitest';
import { createDisplay } from '../../../lab/show/index.ts';
import { summaryText } from '../../../lab/show/summary.ts';
import { progressText } from '../../../lab/show/text.ts';
import { createTimeline } from '../../../lab/timeline/index.ts';

const MiB = 2 ** 20;

function screen(tty: boolean) {
  const written: string[] = [];
  const clock = { at: 0, now: () => clock.at };
  const display = createDisplay({ write: (text: string) => written.push(text), isTTY: tty, columns: 60 }, clock);
  return { written, clock, display, timeline: createTimeline(display.event, clock.now) };
}

describe('progress as text', () => {
  it.each([
    [
      { done: 64 * MiB, total: 256 * MiB, unit: 'bytes', rate: 32 * MiB },
      '64.0 MiB of 256.0 MiB, 32.0 MiB/s, 6.0s left',
    ],
    [{ done: 64 * MiB, total: null, unit: 'bytes', rate: 32 * MiB }, '64.0 MiB, 32.0 MiB/s'],
    [{ done: 1, total: 3, unit: 'items', rate: null }, '1 of 3'],
    [{ done: 256 * MiB, total: 256 * MiB, unit: 'bytes', rate: 10 }, '256.0 MiB of 256.0 MiB, 10 B/s'],
  ] as const)('%o', (progress, text) => {
    expect(progressText(progress)).toBe(text);
  });
});

describe('the display without a terminal', () => {
  it('prints one plain line per stage, note and end', () => {
    const { written, clock, display, timeline } = screen(false);
    timeline.stage('a', 'Build');
    clock.at = 1500;
    timeline.note('half of it');
    timeline.stage('b', 'Boot');
    clock.at = 3000;
    timeline.fail('no such disk');
    display.end();
    expect(written.join('')).toBe(
      [
        '[    0ms] Build ...',
        '[   1.5s]   half of it',
        '[   1.5s] Build: done in 1.5s',
        '[   1.5s] Boot ...',
        '[   3.0s] Boot: no such disk',
        '',
      ].join('\n'),
    );
  });

  it('says how far a long stage is every ten seconds', () => {
    const { written, clock, timeline } = screen(false);
    timeline.stage('a', 'Write');
    for (let second = 1; second <= 21; second += 1) {
      clock.at = second * 1000;
      timeline.progress(second * MiB, 100 * MiB, 'bytes');
    }
    const lines = written.filter((line) => line.includes(' of '));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('20.0 MiB of 100.0 MiB, 1.0 MiB/s, 1m20s left');
  });
});

describe('the display on a terminal', () => {
  it('redraws the open stage in place and keeps within the width', () => {
    const { written, clock, display, timeline } = screen(true);
    timeline.stage('a', 'Build');
    timeline.note('x'.repeat(200));
    clock.at = 2000;
    timeline.end();
    display.end();
    const visible = written
      .join('')
      .split('\n')
      .map((line) => line.replaceAll('\u001b[1A\u001b[2K', ''));
    expect(visible.every((line) => line.length < 60)).toBe(true);
    expect(visible.filter((line) => line.startsWith('+ Build'))).toHaveLength(1);
    expect(written.join('')).toContain('\u001b[1A\u001b[2K');
  });
});

describe('the summary', () => {
  const report = {
    ok: true,
    inventory: {
      cpu: '2 x QEMU',
      memoryMiB: 2048,
      bootMode: 'uefi',
      vendor: 'Lab Server',
      bmcAddress: null,
      disks: [{ name: '/dev/vda', size: 8 * 1024 * MiB, model: null, serial: 'S1' }],
      nics: [{ name: 'eth0', mac: '52:54:00:00:00:01', address: '172.22.0.10' }],
    },
    image: {
      device: '/dev/vda',
      why: '/dev/vda: smallest',
      format: 'qcow2',
      wireBytes: 50 * MiB,
      diskBytes: 100 * MiB,
      virtualSize: 256 * MiB,
      durationMs: 2000,
      algorithm: 'sha256',
      digest: 'ab'.repeat(32),
      verified: true,
    },
    os: {
      line: 'lab-os-1 is up',
      firmware: 'uefi',
      loader: 'default',
      disk: '/dev/vda',
      diskSerial: 'S1',
      hostname: 'node-1',
      uuid: 'u-1',
    },
    conductor: null,
    rescued: {
      address: '172.22.0.10',
      user: 'rescue',
      mayBecome: 'root',
      marked: true,
      agentPort: 'closed' as const,
    },
    restarted: null,
    locked: null,
    failure: null,
    states: [],
    logs: { serial: '/tmp/serial.log' },
    stages: [{ title: 'Write', ms: 2000, failed: null }],
    totalMs: 60_000,
    workDir: '/tmp/run',
  };

  it('tells what was found, written, booted, how long it took and where the logs are', () => {
    const text = summaryText(report);
    for (const part of [
      '/dev/vda, 8.0 GiB, serial S1',
      '/dev/vda, smallest',
      '50.0 MiB of qcow2 over HTTP',
      '128.0 MiB/s of disk',
      'sha256 abababababababab... matches the image',
      'hostname node-1, uuid u-1',
      'rescue@172.22.0.10 by SSH, sudo makes root',
      'Write     2.0s',
      'total    1m00s',
      '/tmp/serial.log',
      'The deployed system reported in.',
    ])
      expect(text).toContain(part);
  });

  it('names the stage, the reason and the agent’s last words of a failure', () => {
    const failure = { reason: 'digest differs', agentLog: ['image.write.failed'], screenshot: '/tmp/screen.png' };
    const stages = [{ title: 'Write', ms: 1, failed: 'digest differs' }];
    const text = summaryText({ ...report, ok: false, os: null, stages, failure });
    for (const part of ['FAILED in stage "Write"', 'digest differs', 'image.write.failed', '/tmp/screen.png'])
      expect(text).toContain(part);
    expect(text).not.toContain('reported in');
  });
});
