export type { TlsSettings } from './app.ts';
export { type ApiOptions, type ApiServer, startApi } from './server.ts';
