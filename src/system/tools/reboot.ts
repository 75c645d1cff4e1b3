import { defineTool, type ToolOutput } from '../tool.ts';

const packages = { debian: 'systemd-sysv', redhat: 'systemd' };
/** In a chroot or container the program succeeds and does nothing. */
const obeyed = (out: ToolOutput) => !/ignoring request/i.test(out.stderr);

/** Asks init to restart the machine; the answer is false when the request was ignored. */
export const reboot = defineTool({
  bin: 'reboot',
  packages,
  effect: 'changes',
  timeoutMs: 60_000,
  argv: () => [],
  parse: obeyed,
});
