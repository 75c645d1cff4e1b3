export { followLog } from './log-tail.ts';
export { installRequestLog, type RequestLogOptions } from './request-log.ts';
