export type { TlsSettings } from './app.ts';
export { openApiDocument } from './openapi/index.ts';
export { routes } from './routes.ts';
export { type ApiOptions, type ApiServer, startApi } from './server.ts';
