import { type Static, type TProperties, Type } from 'typebox';
import { fits, problemsOf } from '../../core/index.ts';
import { hasUsableSuite } from '../../system/index.ts';

const Text = Type.String();
const Flag = Type.Boolean();
const Texts = Type.Array(Text);
/** Before 2026.2 one text; it is read as in a configuration file. */
const ListOrText = Type.Union([Texts, Text]);
const Port = Type.Integer({ minimum: 0, maximum: 65535 });

/** Options of the agent that a lookup answer may set, under their names in the option table. */
const fields = {
  md5Enabled: Flag,
  disableDeepImageInspection: Flag,
  permittedImageFormats: Texts,
  enableBiosBootloaderInstall: Type.Literal(true),
  tlsMinVersion: Type.Union([Type.Literal('1.2'), Type.Literal('1.3')]),
  tlsCipherSuites: Text,
  metricsBackend: Type.Union([Type.Literal('noop'), Type.Literal('statsd'), Type.Literal('collector')]),
  metricsPrependHost: Flag,
  metricsPrependHostReverse: Flag,
  metricsGlobalPrefix: Text,
  metricsStatsdStatsdHost: Text,
  metricsStatsdStatsdPort: Port,
  containerAllowArbitraryContainers: Flag,
  containerAllowedContainers: ListOrText,
  containerContainerStepsFile: Text,
  containerRunner: Type.Union([Type.Literal('podman'), Type.Literal('docker')]),
  containerPullOptions: ListOrText,
  containerRunOptions: ListOrText,
} satisfies TProperties;
const ConductorOptions = Type.Partial(Type.Object(fields));
export type ConductorOptions = Static<typeof ConductorOptions>;

type Rows = Readonly<Record<string, keyof typeof fields | 'elsewhere'>>;

/** Key of the wire to option; `elsewhere`: known, but read by others or of no use to this agent (protocol 4.4). */
const TOP: Rows = {
  heartbeat_timeout: 'elsewhere',
  agent_token: 'elsewhere',
  agent_token_required: 'elsewhere',
  agent_skip_bmc_detect: 'elsewhere',
  agent_md5_checksum_enable: 'md5Enabled',
  disable_deep_image_inspection: 'disableDeepImageInspection',
  permitted_image_formats: 'permittedImageFormats',
  enable_bios_bootloader_install: 'enableBiosBootloaderInstall',
  tls_min_version: 'tlsMinVersion',
  tls_cipher_suites: 'tlsCipherSuites',
};
const GROUPS: Readonly<Record<string, Rows>> = {
  metrics: {
    backend: 'metricsBackend',
    prepend_host: 'metricsPrependHost',
    prepend_host_reverse: 'metricsPrependHostReverse',
    prepend_uuid: 'elsewhere',
    global_prefix: 'metricsGlobalPrefix',
  },
  metrics_statsd: { statsd_host: 'metricsStatsdStatsdHost', statsd_port: 'metricsStatsdStatsdPort' },
  agent_containers: {
    allow_arbitrary_containers: 'containerAllowArbitraryContainers',
    allowed_containers: 'containerAllowedContainers',
    container_steps_file: 'containerContainerStepsFile',
    container_conf_file: 'elsewhere',
    runner: 'containerRunner',
    pull_options: 'containerPullOptions',
    run_options: 'containerRunOptions',
  },
};

type Json = Readonly<Record<string, unknown>>;
interface Taken {
  readonly options: ConductorOptions;
  readonly warnings: readonly string[];
}

/** The server says "leave it" by null, by an empty text, and by false where only true has a meaning. */
const saysNothing = (value: unknown, option: string) =>
  value === null ||
  value === undefined ||
  value === '' ||
  (option === 'enableBiosBootloaderInstall' && value === false);

function takeRow(rows: Rows, path: string, key: string, value: unknown): Taken {
  const option = Object.hasOwn(rows, key) ? rows[key] : undefined;
  if (option === undefined) return { options: {}, warnings: [`${path}${key} is not known to this agent`] };
  if (option === 'elsewhere' || saysNothing(value, option)) return { options: {}, warnings: [] };
  const options: unknown = { [option]: value };
  if (option === 'tlsCipherSuites' && typeof value === 'string' && !hasUsableSuite(value))
    return { options: {}, warnings: [`${path}${key} is ignored: OpenSSL knows none of its suites`] };
  if (fits(ConductorOptions, options)) return { options, warnings: [] };
  const why = problemsOf(fields[option], value).join('; ');
  return { options: {}, warnings: [`${path}${key} is ignored: ${why}`] };
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function takeGroup(rows: Rows, name: string, group: unknown): Taken[] {
  if (group === null || group === undefined) return [];
  if (!isObject(group)) return [{ options: {}, warnings: [`${name} is ignored: it is not an object`] }];
  return Object.entries(group).map(([key, value]) => takeRow(rows, `${name}.`, key, value));
}

/** Never fails: what is unknown or wrong becomes a warning that names the key, not the value. */
export function readConductorOptions(config: Json): Taken {
  const taken = Object.entries(config).flatMap(([key, value]) => {
    const rows = Object.hasOwn(GROUPS, key) ? GROUPS[key] : undefined;
    return rows === undefined ? [takeRow(TOP, '', key, value)] : takeGroup(rows, key, value);
  });
  return {
    options: Object.assign({}, ...taken.map((part) => part.options)),
    warnings: taken.flatMap((part) => part.warnings),
  };
}
