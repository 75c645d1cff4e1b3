import { bool, choice, list, optional, text } from '../kinds/index.ts';
import { defineOption } from '../option.ts';

const old = (name: string) => [{ section: 'DEFAULT', name }];

/** How the agent logs. Names with dashes on the command line are those of the OpenStack logging library. */
export const loggingOptions = {
  debug: defineOption({
    name: 'debug',
    kind: bool,
    default: false,
    kernel: 'ipa-debug',
    kernelRule: (raw) => String(/^(1|t|true|on|y|yes)$/i.test(raw.trim())),
    doc: 'Log every detail. The kernel parameter beats every other source.',
  }),
  logFormat: defineOption({
    name: 'log_format',
    kind: choice(['text', 'json']),
    default: 'text',
    kernel: 'ipa-log-format',
    doc: 'Log lines for people or one JSON object per line.',
  }),
  logFile: defineOption({
    name: 'log_file',
    kind: optional(text),
    default: null,
    flag: 'log-file',
    aliases: old('logfile'),
    doc: 'File that the log is written to beside standard error; relative to log_dir. It is moved to <file>.1 when it has 8 MiB, since it lives in memory, and becomes part of the collected logs.',
  }),
  logDir: defineOption({
    name: 'log_dir',
    kind: optional(text),
    default: null,
    flag: 'log-dir',
    aliases: old('logdir'),
    doc: 'Folder of log_file, or of ironic-python-agent.log when log_file is not set. Everything in it becomes part of the collected logs.',
  }),
  useJson: defineOption({
    name: 'use_json',
    kind: bool,
    default: false,
    flag: 'use-json',
    doc: 'The older spelling of log_format = json; either of them is enough.',
  }),
  useStderr: defineOption({
    name: 'use_stderr',
    kind: bool,
    default: false,
    effect: 'never',
    doc: 'Log to standard error, which the agent always does.',
  }),
  useSyslog: defineOption({
    name: 'use_syslog',
    kind: bool,
    default: false,
    flag: 'use-syslog',
    effect: 'never',
    doc: 'Log to syslog. The journal of the ramdisk receives the log anyway.',
  }),
  useJournal: defineOption({
    name: 'use_journal',
    kind: bool,
    default: false,
    flag: 'use-journal',
    effect: 'never',
    doc: 'Log to the journal, which already receives standard error of the service.',
  }),
  syslogLogFacility: defineOption({
    name: 'syslog_log_facility',
    kind: text,
    default: 'LOG_USER',
    flag: 'syslog-log-facility',
    effect: 'never',
    doc: 'Facility of syslog messages. The agent writes to the journal, which has none of its own making.',
  }),
  watchLogFile: defineOption({
    name: 'watch_log_file',
    kind: bool,
    default: false,
    flag: 'watch-log-file',
    effect: 'never',
    doc: 'Open the log file again when it is moved away. The agent moves its file itself, and nothing else in a ramdisk does.',
  }),
  logDateFormat: defineOption({
    name: 'log_date_format',
    kind: text,
    default: '%Y-%m-%d %H:%M:%S',
    flag: 'log-date-format',
    effect: 'never',
    doc: 'Form of time stamps. Ours are always ISO 8601.',
  }),
  logConfigAppend: defineOption({
    name: 'log_config_append',
    kind: optional(text),
    default: null,
    flag: 'log-config-append',
    aliases: [...old('log_config'), ...old('log-config')],
    effect: 'never',
    doc: 'Configuration file of the Python logging library, which this agent does not use.',
  }),
  defaultLogLevels: defineOption({
    name: 'default_log_levels',
    kind: list,
    default: [],
    effect: 'never',
    doc: 'Levels of single Python loggers, as name=LEVEL. This agent has one log with two levels of detail: see debug.',
  }),
} as const;
