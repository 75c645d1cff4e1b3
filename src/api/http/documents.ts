import { type Static, type TSchema, Type } from 'typebox';
import type { HubSnapshot } from '../../runtime/index.ts';

/** Documents of protocol.md 7.2; links are built from the request's own address. */
const Link = Type.Object({ href: Type.String(), rel: Type.String(), type: Type.Optional(Type.String()) });
const Version = Type.Object({ id: Type.String(), links: Type.Array(Link) });

export const RootDocument = Type.Object({
  name: Type.String(),
  description: Type.String(),
  versions: Type.Array(Version),
  default_version: Version,
});

export const VersionDocument = Type.Object({
  id: Type.String(),
  links: Type.Array(Link),
  commands: Type.Array(Link),
  status: Type.Array(Link),
  media_types: Type.Array(Type.Object({ base: Type.String(), type: Type.String() })),
});

export const StatusDocument = Type.Object({
  started_at: Type.Number({ description: 'Seconds since the epoch.' }),
  version: Type.String(),
  state: Type.String(),
  waits_for: Type.Union([Type.String(), Type.Null()]),
  since: Type.Number({ description: 'Seconds since the epoch at which the state began.' }),
  command: Type.Union([Type.Null(), Type.Object({ id: Type.String(), name: Type.String(), since: Type.Number() })]),
  progress: Type.Unknown({ description: 'Of the running command: phase, done, total, unit; or null.' }),
  diagnosis: Type.Union(
    [Type.Null(), Type.Object({ verdict: Type.String(), finding: Type.String(), since: Type.Number() })],
    {
      description: 'Why the talk with the conductor fails, in one line; null while it goes well.',
    },
  ),
});

/** Body of every HTTP-level error (protocol.md 7.4). Conductors search `faultstring` without looking first. */
export const FaultDocument = Type.Object({
  faultcode: Type.Union([Type.Literal('Client'), Type.Literal('Server')]),
  faultstring: Type.String(),
});

const Nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);

/** Protocol.md 7.3. */
export const CommandDocument = Type.Object({
  id: Type.String(),
  command_name: Type.String({
    description: 'Without the extension; a failed synchronous command keeps its full name.',
  }),
  command_status: Type.String({ description: 'RUNNING, SUCCEEDED, FAILED or CLEAN_VERSION_MISMATCH.' }),
  command_error: Nullable(
    Type.Object(
      { type: Type.String(), code: Type.Integer(), message: Type.String(), details: Type.String() },
      { description: 'Errors may carry further facts, such as `command`, `exit_code` and `hint`.' },
    ),
  ),
  command_result: Type.Unknown({ description: 'Null until the command has succeeded.' }),
});

export const CommandListDocument = Type.Object({ commands: Type.Array(CommandDocument) });

const describedBy = {
  href: 'https://docs.openstack.org/ironic-python-agent/',
  rel: 'describedby',
  type: 'text/html',
};

const version = (base: string): Static<typeof Version> => ({
  id: 'v1',
  links: [{ href: `${base}/v1`, rel: 'self' }, describedBy],
});

export const rootDocument = (base: string): Static<typeof RootDocument> => ({
  name: 'OpenStack Ironic Python Agent API',
  description: 'API of the agent that provisions this bare-metal machine for OpenStack Ironic.',
  versions: [version(base)],
  default_version: version(base),
});

const pair = (base: string, name: string) => [
  { href: `${base}/v1/${name}`, rel: 'self' },
  { href: `${base}/${name}`, rel: 'bookmark' },
];

export const versionDocument = (base: string): Static<typeof VersionDocument> => ({
  ...version(base),
  commands: pair(base, 'commands'),
  status: pair(base, 'status'),
  media_types: [{ base: 'application/json', type: 'application/vnd.openstack.ironic-python-agent.v1+json' }],
});

const seconds = (ms: number) => ms / 1000;

export const statusDocument = (now: HubSnapshot): Static<typeof StatusDocument> => ({
  started_at: seconds(now.startedAt),
  version: now.version,
  state: now.state,
  waits_for: now.waitsFor,
  since: seconds(now.since),
  command:
    now.command === null ? null : { id: now.command.id, name: now.command.name, since: seconds(now.command.since) },
  progress: now.command?.progress ?? null,
  diagnosis: now.diagnosis === null ? null : { ...now.diagnosis, since: seconds(now.diagnosis.since) },
});
