export { type BodyLimits, bodyLimits } from './limits.ts';
export { readJson } from './read-json.ts';
export { createJsonScanner } from './scanner.ts';
