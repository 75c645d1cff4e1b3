import { type Static, Type } from 'typebox';
import { fits, parse } from '../../src/core/index.ts';
import { waitFor } from '../host/index.ts';
import { IronicNodeFailed, IronicRefused } from './errors.ts';

/** Newest API version of Ironic 2023.1. */
const VERSION = '1.82';

const Anything = Type.Record(Type.String(), Type.Unknown());
export const IronicNode = Type.Object({
  uuid: Type.String(),
  provision_state: Type.String(),
  power_state: Type.Union([Type.String(), Type.Null()]),
  last_error: Type.Union([Type.String(), Type.Null()]),
  clean_step: Anything,
  deploy_step: Anything,
  driver_internal_info: Anything,
  properties: Anything,
});
export type IronicNode = Static<typeof IronicNode>;

const Ports = Type.Object({ ports: Type.Array(Type.Object({ address: Type.String() })) });
const ErrorBody = Type.Object({ error_message: Type.Unknown() });

export interface IronicClient {
  createNode(fields: Readonly<Record<string, unknown>>): Promise<IronicNode>;
  createPort(nodeUuid: string, mac: string): Promise<void>;
  /** MAC addresses of the node's ports, sorted. */
  ports(nodeUuid: string): Promise<readonly string[]>;
  /** JSON patch `add` of each path. */
  set(uuid: string, values: Readonly<Record<string, unknown>>): Promise<void>;
  node(uuid: string): Promise<IronicNode>;
  /** Asks for a provision state change: `manage`, `inspect`, `provide`, `active`, `rescue`, `unrescue`. */
  provision(uuid: string, target: string, more?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Waits for `state`; `onChange` sees every look. @throws IronicNodeFailed when a failed state comes first */
  reach(uuid: string, wait: Reach, signal: AbortSignal): Promise<IronicNode>;
}

export interface Reach {
  readonly state: string;
  readonly timeoutMs: number;
  readonly onLook?: (node: IronicNode) => void;
}

export function createIronicClient(apiUrl: string): IronicClient {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': VERSION },
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json: unknown = text === '' ? null : JSON.parse(text);
    if (response.ok) return json;
    const reason = fits(ErrorBody, json) ? JSON.stringify(json.error_message) : text;
    throw IronicRefused(`${method} ${path}: status ${response.status}: ${reason}`);
  };
  const node = async (uuid: string) => parse(IronicNode, await call('GET', `/v1/nodes/${uuid}`), 'node');
  return {
    node,
    createNode: async (fields) => parse(IronicNode, await call('POST', '/v1/nodes', fields), 'created node'),
    createPort: async (node_uuid, address) => void (await call('POST', '/v1/ports', { node_uuid, address })),
    ports: async (uuid) => {
      const found = parse(Ports, await call('GET', `/v1/nodes/${uuid}/ports`), 'ports');
      return found.ports.map((port) => port.address).sort();
    },
    set: async (uuid, values) => {
      const patch = Object.entries(values).map(([path, value]) => ({ op: 'add', path, value }));
      await call('PATCH', `/v1/nodes/${uuid}`, patch);
    },
    provision: async (uuid, target, more = {}) =>
      void (await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target, ...more })),
    reach: (uuid, { state, timeoutMs, onLook }, signal) => {
      const look = async () => {
        const now = await node(uuid);
        onLook?.(now);
        if (now.provision_state === state) return now;
        const failed =
          /failed$|^error$/.test(now.provision_state) || (now.provision_state === 'enroll' && now.last_error);
        if (failed) throw IronicNodeFailed(`${now.provision_state}: ${now.last_error ?? 'no error text'}`);
        return null;
      };
      return waitFor(look, { what: `node state ${state}`, timeoutMs, everyMs: 1_000 }, signal);
    },
  };
}
