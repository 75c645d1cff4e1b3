import { type Static, type TSchema, Type } from 'typebox';

/** What the files of the runtime directory hold. */
const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Json = Type.Record(Type.String(), Type.Unknown());

/** An identifier, or the devices of the partitions by their roles. */
const WrittenId = Type.Union([Type.String(), Type.Null(), Type.Record(Type.String(), Type.String())]);

/** The token of a lookup; one from virtual media or a file is read there again. */
export const TokenRecord = Type.String({ minLength: 1, maxLength: 4096 });

/** A state that a restart must not leave: only a new boot does. */
export const EndRecord = Type.Object({
  kind: Type.Union([Type.Literal('locked'), Type.Literal('rescued'), Type.Literal('fatal-token')]),
  why: Type.String(),
});
export type EndRecord = Static<typeof EndRecord>;

/** What the agent has learned, each part null before it is known. */
export const FactsRecord = Type.Object({
  /** The node as lookup or a command gave it, without secrets. */
  node: Nullable(Json),
  lookup: Nullable(
    Type.Object({
      heartbeatTimeoutMs: Type.Number({ exclusiveMinimum: 0 }),
      /** What the conductor set, by keys of the option table. */
      config: Json,
      /** Of the API, `x.y`. */
      apiVersion: Type.String(),
      /** UUID of the node that was found: the commands are those of this one. */
      node: Type.Optional(Type.String()),
    }),
  ),
  /** There once the inventory was taken; `uuid` is null when the answer named no node. */
  inspection: Nullable(Type.Object({ uuid: Nullable(Type.String()) })),
  /** What the heartbeats say; `automaticTls`: with a generated certificate. */
  callback: Nullable(Type.Object({ host: Type.String({ minLength: 1 }), automaticTls: Type.Boolean() })),
  /** A GET carried the token: from then on each must (protocol.md 7.6). */
  tokenOnGet: Type.Boolean(),
  /** What `standby.get_partition_uuids` answers. */
  written: Nullable(Type.Object({ disk: Type.String(), uuids: Type.Record(Type.String(), WrittenId) })),
});
export type FactsRecord = Static<typeof FactsRecord>;

const ErrorBody = Type.Object({
  type: Type.String(),
  code: Type.Integer(),
  message: Type.String(),
  details: Type.String(),
  hint: Type.Optional(Type.String()),
});

/** The command history, oldest first. */
export const CommandsRecord = Type.Array(
  Type.Object({
    id: Type.String({ minLength: 1, maxLength: 100 }),
    name: Type.String({ minLength: 1, maxLength: 200 }),
    kind: Type.Union([Type.Literal('sync'), Type.Literal('async')]),
    step: Nullable(Type.String()),
    status: Type.Union([
      Type.Literal('RUNNING'),
      Type.Literal('SUCCEEDED'),
      Type.Literal('FAILED'),
      Type.Literal('CLEAN_VERSION_MISMATCH'),
    ]),
    error: Nullable(ErrorBody),
    result: Type.Unknown(),
    startedAt: Type.Number(),
    finishedAt: Nullable(Type.Number()),
  }),
  { maxItems: 1000 },
);
