import { expect, it } from 'vitest';
import { silentLog } from '../../../src/core/index.ts';
import { ownAddresses } from '../../../src/ironic/index.ts';
import { recordedTools } from '../../kit/recorded-tools.ts';

const { signal } = new AbortController();
const link = (ifname: string, ...addresses: readonly string[]) => ({
  ifname,
  addr_info: addresses.map((local) => ({ family: local.includes(':') ? 'inet6' : 'inet', local, scope: 'global' })),
});
const ask = (links: readonly unknown[]) => {
  const tools = recordedTools([{ argv: ['ip', '-j', '-d', 'addr'], out: JSON.stringify(links) }]);
  return ownAddresses({ tools, log: silentLog }, signal);
};

it('lists each address once that others can call, in the order of the links', async () => {
  const links = [
    link('lo', '127.0.0.1', '::1'),
    link('eno1', '192.0.2.7', 'fe80::1', '2001:db8::7', '169.254.3.4'),
    link('eno2', '198.51.100.7', '192.0.2.7', 'nonsense'),
    link('eno3'),
  ];
  expect(await ask(links)).toEqual(['192.0.2.7', '2001:db8::7', '198.51.100.7']);
});

it('lists sixteen at most, and none when the links cannot be listed', async () => {
  expect(await ask([link('eno1', ...Array.from({ length: 99 }, (_none, at) => `192.0.2.${at}`))])).toHaveLength(16);
  expect(await ownAddresses({ tools: recordedTools([]), log: silentLog }, signal)).toEqual([]);
});
