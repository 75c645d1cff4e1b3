export type Fields = Readonly<Record<string, unknown>>;

/** Log lines are events with fields: `log.info('disk.wipe.start', { disk: '/dev/sda' })`. Secrets are removed behind this port. */
export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
