/** A network of its own, for a scenario that runs in a namespace: one link, and an announcer of services on it. */
import { execFileSync } from 'node:child_process';
import multicastDns from 'multicast-dns';

export const HOST = '198.51.100.1';

export interface Announcement {
  /** `baremetal`. */
  readonly service: string;
  readonly port: number;
  /** TXT entries. */
  readonly text: readonly string[];
}

const instance = (service: string) => `${service}._openstack._tcp.local`;
const ip = (...args: readonly string[]) => execFileSync('ip', args);

export function makeLink(): void {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'prov0', 'type', 'veth', 'peer', 'name', 'far0');
  ip('address', 'add', `${HOST}/24`, 'dev', 'prov0');
  for (const nic of ['prov0', 'far0']) ip('link', 'set', nic, 'up');
}

/** Answers for each service but the first `lost` questions for it. `asked` counts them by service. */
export async function announce(services: readonly Announcement[], lost = 0) {
  const responder = multicastDns({ interface: HOST, bind: '0.0.0.0' });
  const asked: Record<string, number> = {};
  responder.on('query', (query) => {
    for (const { service, port, text } of services) {
      const name = instance(service);
      if (!query.questions?.some((question) => question.name === name)) continue;
      asked[service] = (asked[service] ?? 0) + 1;
      if (asked[service] <= lost) continue;
      responder.respond({
        answers: [
          { name, type: 'SRV', data: { target: 'conductor.local', port } },
          { name, type: 'TXT', data: [...text] },
        ],
        additionals: [{ name: 'conductor.local', type: 'A', data: HOST }],
      });
    }
  });
  await new Promise<void>((resolve) => responder.once('ready', () => resolve()));
  return { asked, close: () => responder.destroy() };
}
