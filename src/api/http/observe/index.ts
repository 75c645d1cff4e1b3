export { installRequestLog, type RequestLogOptions } from './request-log.ts';
