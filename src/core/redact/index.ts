export { maskedOptions, maskedWords } from './masked-options.ts';
export { hiddenInOptions, secretsInOptions } from './option-secrets.ts';
export * from './redact.ts';
