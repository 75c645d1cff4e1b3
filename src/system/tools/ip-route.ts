import { Type } from 'typebox';
import { parse } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

const Text = Type.Optional(Type.String());
const Routes = Type.Array(Type.Object({ prefsrc: Text, dev: Text, gateway: Text }));

/** The local address the kernel would use towards the address `to`, or null. */
export const ipRouteGet = defineTool({
  bin: 'ip',
  packages: { debian: 'iproute2', redhat: 'iproute' },
  effect: 'reads',
  timeoutMs: 10_000,
  argv: (input: { readonly to: string }) => ['-j', 'route', 'get', input.to],
  parse: (out): string | null => parse(Routes, JSON.parse(out.stdout), 'ip route')[0]?.prefsrc ?? null,
});

/** The way the kernel would take towards the address `to`. */
export const ipRouteTo = defineTool({
  ...ipRouteGet,
  parse: (out) => {
    const [route] = parse(Routes, JSON.parse(out.stdout), 'ip route');
    return { from: route?.prefsrc ?? null, device: route?.dev ?? null, gateway: route?.gateway ?? null };
  },
});
