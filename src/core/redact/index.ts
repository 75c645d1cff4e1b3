export { maskedOptions } from './masked-options.ts';
export { secretsInOptions } from './option-secrets.ts';
export * from './redact.ts';
