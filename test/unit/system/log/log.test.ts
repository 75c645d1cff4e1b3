import { describe, expect, it } from 'vitest';
import { createSecrets } from '../../../../src/core/index.ts';
import { createLog, type LogOptions } from '../../../../src/system/index.ts';

function logged(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const secrets = createSecrets();
  secrets.add('token-0123456789');
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ debug: true, format: 'text', secrets, destination, ...options });
  return { log, lines };
}

describe('log lines', () => {
  it('are readable text, one line each, with what could break a line or a terminal quoted', () => {
    const { log, lines } = logged();
    log.info('disk.wipe.start', { disk: '/dev/sda', why: 'two words', tail: 'a\nb', bell: '\u001b[2J', none: '' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO disk\.wipe\.start disk=\/dev\/sda why="two words" tail="a\\nb" bell="\\u001b\[2J" none=""\n$/,
    );
  });

  it.each([
    ['debug', 7],
    ['info', 6],
    ['warn', 4],
    ['error', 3],
  ] as const)('say %s to the journal as <%i>, as text and as JSON', (level, priority) => {
    for (const format of ['text', 'json'] as const) {
      const { log, lines } = logged({ format, journal: true });
      log[level]('x.y', { a: 1 });
      expect(lines[0]?.slice(0, 3)).toBe(`<${priority}>`);
      if (format === 'json') expect(JSON.parse(lines[0]?.slice(3) ?? '')).toMatchObject({ event: 'x.y', a: 1 });
    }
  });

  it('stay below what the journal takes as one line, and are cut after secrets are gone', () => {
    for (const format of ['text', 'json'] as const) {
      const { log, lines } = logged({ format });
      log.warn('tool.end', { stderr: 'token-0123456789 "\n'.repeat(100_000), size: 3n });
      expect(lines[0]?.length).toBeLessThan(48 * 1024);
      expect(lines[0]).not.toContain('token-0123');
      expect(lines[0]?.match(/\n/g)).toHaveLength(1);
    }
  });

  it('go to the file as well, without priorities; the first refusal is one warning', () => {
    const kept: string[] = [];
    let refuse = false;
    const file = {
      path: '/var/log/agent.log',
      write: (line: string) => (refuse ? 'ENOSPC' : kept.push(line) > 0 ? null : ''),
    };
    const { log, lines } = logged({ file, journal: true });
    log.info('a.b');
    refuse = true;
    log.info('c.d');
    log.info('e.f');
    expect(kept).toEqual([expect.stringMatching(/^\d{4}.* INFO a\.b\n$/)]);
    expect(lines.filter((line) => line.includes('log.file.failed'))).toEqual([
      expect.stringMatching(/^<4>.* WARN log\.file\.failed file=\/var\/log\/agent\.log why=ENOSPC\n$/),
    ]);
    expect(lines).toHaveLength(4);
  });
});
