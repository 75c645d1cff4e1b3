import { type Config, type Resolved, withOverrides } from '../../config/index.ts';
import { type Log, type Secrets, secretsInOptions } from '../../core/index.ts';
import { wordsOf } from '../../hardware/index.ts';

/** The configuration in force. The conductor may change it at lookup; everything else reads it at use. */
export interface SettingsStore {
  config(): Config;
  /** As the operator set it, without what the conductor changed. */
  local(): Config;
  resolved(): Resolved;
  /** Unknown keys and bad values become warnings. */
  override(values: Readonly<Record<string, unknown>>, origin: string): void;
  /** Takes back what was overridden since: `before` is what `resolved` said then. The token stays. */
  restore(before: Resolved): void;
  /** The agent token: pre-shared or from lookup. */
  token(): string | null;
  setToken(token: string): void;
}

/** What operators write into the options of programs. */
function learnSecrets(config: Config, secrets: Secrets): void {
  const words = wordsOf([...config.containerPullOptions, ...config.containerRunOptions]);
  for (const secret of [config.imageServerPassword, ...secretsInOptions(words)]) secrets.add(secret);
}

/** `keptToken`: of a lookup before the agent restarted; it is newer than one that came with the boot. */
export function createSettingsStore(
  first: Resolved,
  log: Log,
  secrets: Secrets,
  keptToken: string | null = null,
): SettingsStore {
  let resolved = first;
  let token = keptToken ?? first.config.agentToken;
  secrets.add(token);
  learnSecrets(first.config, secrets);
  return {
    config: () => resolved.config,
    local: () => first.config,
    resolved: () => resolved,
    override: (values, origin) => {
      const before = resolved.warnings.length;
      resolved = withOverrides(resolved, values, origin);
      learnSecrets(resolved.config, secrets);
      for (const warning of resolved.warnings.slice(before)) log.warn('config.override.ignored', { warning });
    },
    restore: (before) => {
      resolved = before;
    },
    token: () => token,
    setToken: (value) => {
      secrets.add(value);
      token = value;
    },
  };
}
