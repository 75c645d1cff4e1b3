import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../../src/main.ts');
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'check-config-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function run(text: string, ...flags: readonly string[]): Promise<Ended> {
  const path = join(directory, 'a.conf');
  writeFileSync(path, text);
  const env = { PATH: process.env.PATH, HOME: directory };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, '--config-file', path, ...flags], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

describe('--check-config', () => {
  it('ends with 0 when the agent would start, and repeats its warnings', async () => {
    const old = '[ssl]\ncert_file = /etc/a.crt\n';
    const { code, stdout, stderr } = await run(old, '--check-config');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'The configuration is valid, with 1 warning(s).\n' });
    expect(stderr).toMatch(/^warning: \[ssl\]cert_file .* is an old name; write tls_cert_file\n$/);
  });

  it('ends with 2 and a line for each problem, without secrets', async () => {
    const bad = '[DEFAULT]\nlisten_port = abc\napi_url = ftp://user:hunter22@x\n';
    const { code, stdout, stderr } = await run(bad, '--check-config');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^api_url = .*a\.conf \[DEFAULT\] line 3\) is not allowed/),
      expect.stringMatching(/^listen_port = "abc" .*a\.conf \[DEFAULT\] line 2\) is not allowed/),
    ]);
    expect(stderr).not.toContain('hunter22');
  });

  it('stands beside the command that prints the effective configuration as a file', async () => {
    const { code, stdout } = await run('[DEFAULT]\nlisten_port = 81\n', 'config');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\[DEFAULT\]\n/);
    expect(stdout).toMatch(/# file .*a\.conf \[DEFAULT\] line 2\nlisten_port = 81\n/);
  });
});
