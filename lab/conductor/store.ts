import { DatabaseSync } from 'node:sqlite';
import { type Static, Type } from 'typebox';
import { parse } from '../../src/core/index.ts';
import { enrolled, Situation } from './states.ts';

const Anything = Type.Record(Type.String(), Type.Unknown());

/** What the conductor knows of the agent that runs on a node now; wiped at every power off. */
export const AgentFacts = Type.Object({
  token: Type.Union([Type.String(), Type.Null()]),
  url: Type.Union([Type.String(), Type.Null()]),
  version: Type.Union([Type.String(), Type.Null()]),
  ca: Type.Union([Type.String(), Type.Null()]),
  lastHeartbeatMs: Type.Union([Type.Number(), Type.Null()]),
});
export type AgentFacts = Static<typeof AgentFacts>;

export const noAgent: AgentFacts = { token: null, url: null, version: null, ca: null, lastHeartbeatMs: null };

export const NodeRecord = Type.Object({
  uuid: Type.String(),
  name: Type.String(),
  macs: Type.Array(Type.String()),
  firmware: Type.Union([Type.Literal('bios'), Type.Literal('uefi')]),
  properties: Anything,
  instance_info: Anything,
  driver_info: Anything,
  /** `hardware_manager_version` and the rest of what survives between heartbeats. */
  driver_internal_info: Anything,
  /** Base64 of a gzipped ISO 9660 image, or null. */
  configdrive: Type.Union([Type.String(), Type.Null()]),
  inventory: Type.Union([Anything, Type.Null()]),
  agent: AgentFacts,
  situation: Situation,
});
export type NodeRecord = Static<typeof NodeRecord>;

export type Enrolment = Omit<NodeRecord, 'driver_internal_info' | 'inventory' | 'agent' | 'situation'>;

export const newNode = (enrolment: Enrolment): NodeRecord => ({
  ...enrolment,
  macs: enrolment.macs.map((mac) => mac.toLowerCase()),
  driver_internal_info: {},
  inventory: null,
  agent: noAgent,
  situation: enrolled,
});

export interface Store {
  save(node: NodeRecord): void;
  byUuid(uuid: string): NodeRecord | null;
  /** Null when no node, or more than one, has a port with one of these MACs. */
  byMacs(macs: readonly string[]): NodeRecord | null;
  all(): readonly NodeRecord[];
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS nodes (uuid TEXT PRIMARY KEY, provision_state TEXT NOT NULL, document TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS ports (mac TEXT PRIMARY KEY, node_uuid TEXT NOT NULL REFERENCES nodes(uuid));
  CREATE TABLE IF NOT EXISTS changes (
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), node_uuid TEXT NOT NULL, provision_state TEXT NOT NULL,
    step TEXT, error TEXT);
`;

const read = (row: Readonly<Record<string, unknown>>): NodeRecord =>
  parse(NodeRecord, JSON.parse(String(row.document)), 'stored node');

/** Node records in one SQLite file; `changes` keeps every change of state for reading afterwards. */
export function createStore(path: string): Store {
  const db = new DatabaseSync(path);
  db.exec(SCHEMA);
  const put = db.prepare(
    'INSERT INTO nodes VALUES (?, ?, ?) ON CONFLICT(uuid) DO UPDATE SET provision_state = excluded.provision_state, document = excluded.document',
  );
  const putPort = db.prepare(
    'INSERT INTO ports VALUES (?, ?) ON CONFLICT(mac) DO UPDATE SET node_uuid = excluded.node_uuid',
  );
  const putChange = db.prepare('INSERT INTO changes (node_uuid, provision_state, step, error) VALUES (?, ?, ?, ?)');
  const byUuid = db.prepare('SELECT document FROM nodes WHERE uuid = ?');
  const owners = db.prepare(
    'SELECT DISTINCT document FROM nodes JOIN ports ON ports.node_uuid = nodes.uuid WHERE ports.mac IN (SELECT value FROM json_each(?))',
  );
  const everyNode = db.prepare('SELECT document FROM nodes ORDER BY rowid');
  const find = (uuid: string) => {
    const row = byUuid.get(uuid);
    return row === undefined ? null : read(row);
  };
  return {
    save: (node) => {
      const { provision, current, error } = node.situation;
      const before = find(node.uuid)?.situation;
      put.run(node.uuid, provision, JSON.stringify(node));
      for (const mac of node.macs) putPort.run(mac, node.uuid);
      if (before?.provision !== provision || before.current?.step !== current?.step)
        putChange.run(node.uuid, provision, current?.step ?? null, error);
    },
    byUuid: find,
    byMacs: (macs) => {
      const [row, ...more] = owners.all(JSON.stringify(macs.map((mac) => mac.toLowerCase())));
      return row === undefined || more.length > 0 ? null : read(row);
    },
    all: () => everyNode.all().map(read),
    close: () => db.close(),
  };
}
