export { type DescribedApi, openApiDocument } from './document.ts';
