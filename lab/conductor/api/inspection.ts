import { Type } from 'typebox';
import { fits, problemsOf } from '../../../src/core/index.ts';
import type { NodeRecord } from '../store.ts';
import type { Desk } from './desk.ts';
import { invalid, nodeLocked, notFound } from './faults.ts';
import { lookupDocument } from './lookup.ts';

const Address = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** What Ironic insists on; everything else is free (protocol.md 13.4). */
const InspectionBody = Type.Object({
  inventory: Type.Object({
    interfaces: Type.Array(Type.Object({ mac_address: Type.String() }), { minItems: 1 }),
    bmc_address: Address,
    bmc_v6address: Address,
  }),
});
const Anything = Type.Record(Type.String(), Type.Unknown());

/** Stores the inventory and lets the conductor go on. @throws ApiFault 400, 404 or 409 */
function accept(body: unknown, desk: Desk, uuid: string | undefined): NodeRecord {
  if (!fits(InspectionBody, body) || !fits(Anything, body))
    throw invalid(`Invalid inspection data: ${problemsOf(InspectionBody, body).join('; ')}`);
  const macs = body.inventory.interfaces.map((nic) => nic.mac_address);
  const byMac = desk.store.byMacs(macs);
  const node = uuid === undefined ? byMac : desk.store.byUuid(uuid);
  if (node === null || (byMac !== null && byMac.uuid !== node.uuid)) throw notFound();
  if (node.situation.provision !== 'inspect wait') throw notFound();
  if (desk.locked(node.uuid)) throw nodeLocked(node.uuid);
  const stored = Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'logs'));
  desk.note(`inspection data of ${node.name}: ${Object.keys(body).join(', ')}`);
  return desk.change(node.uuid, (n) => ({ ...n, inventory: stored }));
}

/** `POST /v1/continue_inspection` of Ironic 22.1 and later. */
export function continueInspection(body: unknown, desk: Desk, base: string, spoken: number, uuid?: string): unknown {
  const inspectorLike = spoken === 1;
  if (desk.settings.maxVersion < 84 || (!inspectorLike && spoken < 84)) throw notFound();
  if (uuid !== undefined && inspectorLike) throw invalid('Field "node_uuid" not recognised');
  const node = accept(body, desk, uuid);
  const answer = inspectorLike ? { uuid: node.uuid } : lookupDocument(node, desk, base, spoken);
  desk.inspected(node.uuid);
  return answer;
}

/** `POST /v1/continue` as ironic-inspector answers it: what an agent meets at Ironic 2023.1. */
export function continueAtInspector(body: unknown, desk: Desk): { readonly uuid: string } {
  const node = accept(body, desk, undefined);
  desk.inspected(node.uuid);
  return { uuid: node.uuid };
}
