import { type Inputs, type Resolved, resolveConfig } from '../../../src/config/index.ts';

/** A resolution in which only the named sources say something. */
export function resolve(inputs: Partial<Inputs> = {}): Resolved {
  return resolveConfig({ files: [], env: {}, flags: [], kernel: '', facts: { ipv6Enabled: true }, ...inputs });
}

export const file = (text: string, path = '/etc/a.conf') => ({ path, text });

/** The lines of the error that `act` throws. */
export function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Invalid configuration: /, '').split('\n') : [];
  }
  return [];
}
