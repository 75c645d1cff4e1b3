export { followLog } from './log-tail.ts';
export { installRequestLog, type RequestLogOptions } from './request-log.ts';
export { installTlsRefusals } from './tls-refusals.ts';
