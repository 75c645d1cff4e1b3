export * from './certificate.ts';
export * from './operator-pair.ts';
