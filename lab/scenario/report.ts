import { type Static, Type } from 'typebox';
import { LabEvent } from '../timeline/index.ts';

const Text = Type.String();
const OrNull = <S extends typeof Text | ReturnType<typeof Type.Number>>(schema: S) => Type.Union([schema, Type.Null()]);

export const Inventory = Type.Object({
  cpu: Text,
  memoryMiB: Type.Number(),
  bootMode: Text,
  vendor: Text,
  bmcAddress: OrNull(Text),
  disks: Type.Array(Type.Object({ name: Text, size: Type.Number(), model: OrNull(Text), serial: OrNull(Text) })),
  nics: Type.Array(Type.Object({ name: Text, mac: Text, address: OrNull(Text) })),
});
export type Inventory = Static<typeof Inventory>;

export const WrittenImage = Type.Object({
  device: Text,
  why: OrNull(Text),
  format: Text,
  wireBytes: Type.Number(),
  diskBytes: Type.Number(),
  virtualSize: Type.Number(),
  durationMs: Type.Number(),
  algorithm: Text,
  digest: Text,
  /** The digest is the one that the lab computed itself. */
  verified: Type.Boolean(),
});
export type WrittenImage = Static<typeof WrittenImage>;

export const BootedOs = Type.Object({
  line: Text,
  firmware: OrNull(Text),
  loader: OrNull(Text),
  disk: OrNull(Text),
  diskSerial: OrNull(Text),
  hostname: OrNull(Text),
  uuid: OrNull(Text),
});
export type BootedOs = Static<typeof BootedOs>;

/** What the real Ironic noted. */
export const ConductorView = Type.Object({
  agent: Type.Union([Type.Object({ url: Text, certified: Type.Boolean() }), Type.Null()]),
  /** After inspection. */
  properties: Type.Record(Text, Type.Unknown()),
  ports: Type.Array(Text),
});
export type ConductorView = Static<typeof ConductorView>;

/** Process numbers of an agent before and after it was killed. */
export const Restarted = Type.Object({ before: Type.Union([Type.Number(), Type.Null()]), after: Type.Number() });
export type Restarted = Static<typeof Restarted>;

/** What the rescued server answered over SSH. */
export const Rescued = Type.Object({
  address: Text,
  user: Text,
  /** Whom `sudo` makes of him. */
  mayBecome: Text,
  /** `/etc/.rescued` stands. */
  marked: Type.Boolean(),
  agentPort: Type.Literal('closed'),
});
export type Rescued = Static<typeof Rescued>;

export const Failure = Type.Object({
  reason: Text,
  agentLog: Type.Array(Text),
  screenshot: OrNull(Text),
});
export type Failure = Static<typeof Failure>;

/** What one run found; `null` where it did not get that far. */
export const Outcome = Type.Object({
  inventory: Type.Union([Inventory, Type.Null()]),
  image: Type.Union([WrittenImage, Type.Null()]),
  os: Type.Union([BootedOs, Type.Null()]),
  conductor: Type.Union([ConductorView, Type.Null()]),
  rescued: Type.Union([Rescued, Type.Null()]),
  restarted: Type.Union([Restarted, Type.Null()]),
  /** The line of the console that says the agent was locked; the network was silent then. */
  locked: OrNull(Text),
  failure: Type.Union([Failure, Type.Null()]),
  /** Names of the provision states in the order they were passed. */
  states: Type.Array(Text),
  logs: Type.Record(Text, Text),
});
export type Outcome = Static<typeof Outcome>;

/** From the inside of the private network to the outside. */
export const ToOutside = Type.Union([
  Type.Object({ kind: Type.Literal('event'), event: LabEvent }),
  Type.Object({ kind: Type.Literal('outcome'), outcome: Outcome }),
  /** The server stays on: where its console is. */
  Type.Object({ kind: Type.Literal('kept'), console: Text }),
]);
export type ToOutside = Static<typeof ToOutside>;

export interface StageTime {
  readonly title: string;
  readonly ms: number;
  readonly failed: string | null;
}

/** The whole answer of `npm run lab -- --json`. */
export interface Report extends Outcome {
  readonly ok: boolean;
  readonly stages: readonly StageTime[];
  readonly totalMs: number;
  readonly workDir: string;
}
